import { mapLimit } from '@cloudemy/async';
import {
  type AttemptRef,
  type ClaimOutcome,
  type JobReport,
  type QueueHold as QueueHoldAnswer,
  isFinal,
} from '@cloudemy/contracts';
import { type Projected, objectId, projectionOf } from '@cloudemy/mongo';
import type { QueueHold } from '../hold/queue-hold.js';
import type { RunnerRecords } from '../redis/records.js';
import type { ResultTokens } from '../results/token.js';
import { StoredSubmission, type SubmissionCollection } from '../submissions/model.js';
import { type TransitionService, failing, snapshotsOf } from '../submissions/transition-service.js';
import type { TransitionRequest, SubmissionSnapshot } from '../submissions/transition.js';
import type { Decision } from '../submissions/states.js';
import { type ActiveQuery, listActive } from './active.js';
import type { Budget } from '../budget/budget.js';
import type { Lifetime } from '../submissions/lifetime.js';

/** Writes to MongoDB side by side in one call; well below the connection pool, so that others get through. */
const width = 16;

const stateOnly = projectionOf(
  StoredSubmission,
  StoredSubmission.pick({ _id: true, attempt: true, status: true }),
);

type ReportOutcome = 'applied' | Exclude<Decision, 'apply'>;

/** What the scheduler reads and reports of attempts, many at a time. */
export class Attempts {
  private readonly submissions: SubmissionCollection;
  private readonly transitions: TransitionService;
  private readonly tokens: ResultTokens;
  private readonly records: Pick<RunnerRecords, 'keyOf'>;
  private readonly queueHold: Pick<QueueHold, 'admit'>;
  private readonly budget: Pick<Budget, 'held'>;
  private readonly lifetime: Pick<Lifetime, 'deadline' | 'now'>;

  constructor(
    submissions: SubmissionCollection,
    transitions: TransitionService,
    tokens: ResultTokens,
    records: Pick<RunnerRecords, 'keyOf'>,
    queueHold: Pick<QueueHold, 'admit'>,
    budget: Pick<Budget, 'held'>,
    lifetime: Pick<Lifetime, 'deadline' | 'now'>,
  ) {
    this.budget = budget;
    this.lifetime = lifetime;
    this.submissions = submissions;
    this.transitions = transitions;
    this.tokens = tokens;
    this.records = records;
    this.queueHold = queueHold;
  }

  /**
   * Which attempts want a Job. Claiming again gives the same, with a fresh token. While the queue is held, one at a time
   * is claimed.
   */
  async claim(refs: readonly AttemptRef[]): Promise<{ items: ClaimOutcome[]; hold: QueueHoldAnswer | null }> {
    const current = await this.read(refs);
    await this.holdBack(refs, current);
    const wanted = refs.filter((ref) => wantsJob(ref, current.get(ref.submission_id)));
    const { hold, probe } = await this.queueHold.admit(wanted);
    const held = new Set(hold === null ? [] : wanted.filter((ref) => ref !== probe));
    const items = await mapLimit(refs, width, async (ref): Promise<ClaimOutcome> =>
      held.has(ref) ? { outcome: 'held', ...ref } : this.claimOne(ref, current.get(ref.submission_id)),
    );
    return { items, hold };
  }

  /** Applies reports; those about one submission in the order given. */
  async report(reports: readonly JobReport[]): Promise<(AttemptRef & { outcome: ReportOutcome })[]> {
    const current = await this.read(reports);
    const outcomes = new Map<JobReport, ReportOutcome>();
    const groups = Object.values(Object.groupBy(reports, (report) => report.submission_id));
    await mapLimit(groups, width, async (group = []) => {
      for (const report of group) {
        const known = current.get(report.submission_id);
        outcomes.set(report, known === undefined ? 'unknown' : await this.reportOne(report, known));
      }
    });
    return reports.map((report) => ({
      submission_id: report.submission_id,
      attempt: report.attempt,
      outcome: outcomes.get(report) ?? 'unknown',
    }));
  }

  async states(submissionIds: readonly string[]) {
    const found = await this.submissions
      .find<Projected<typeof stateOnly>>({ _id: { $in: submissionIds.map(objectId) } }, stateOnly)
      .toArray();
    return found.map(({ _id, attempt, status }) => ({ submission_id: String(_id), attempt, status }));
  }

  /** A page of the attempts that are scheduled or running, the former first. */
  active(query: ActiveQuery) {
    return listActive(this.submissions, query);
  }

  private async read(refs: readonly AttemptRef[]): Promise<Map<string, SubmissionSnapshot>> {
    const ids = [...new Set(refs.map((ref) => ref.submission_id))].map(objectId);
    return snapshotsOf(this.submissions, ids);
  }

  /** Takes those out that the budget makes wait: their message is dropped, and comes again when the next day begins. */
  private async holdBack(
    refs: readonly AttemptRef[],
    current: Map<string, SubmissionSnapshot>,
  ): Promise<void> {
    const queued = refs.flatMap(({ submission_id: id, attempt }) => {
      const known = current.get(id);
      return known?.status === 'queued' && known.attempt === attempt ? [known] : [];
    });
    const held = await this.budget.held(queued);
    await mapLimit([...held], width, async ([id, { until, waiting }]) => {
      const known = current.get(id);
      if (known === undefined) return;
      current.delete(id);
      const { _id, attempt, seq } = known;
      const deadline = this.lifetime.deadline('queued', until);
      await this.submissions.updateOne(
        { _id, attempt, seq, status: 'queued' },
        {
          $set: {
            not_before: until,
            waiting,
            outbox: { attempt, since: this.lifetime.now() },
            updated_at: waiting.since,
            ...(deadline === undefined ? {} : { deadline_at: deadline }),
          },
        },
      );
    });
  }

  private async claimOne(ref: AttemptRef, known: SubmissionSnapshot | undefined): Promise<ClaimOutcome> {
    const { submission_id: id, attempt } = ref;
    if (known === undefined) return { outcome: 'unknown', ...ref };
    const { decision, submission } = await this.transitions.apply(claiming(known, ref), known);
    if (decision === 'unknown') return { outcome: 'unknown', ...ref };
    if (decision === 'stale') return { outcome: 'stale', ...ref };
    if (isFinal(submission.status)) return { outcome: 'final', ...ref };
    return {
      outcome: 'claimed',
      ...ref,
      result_token: await this.tokens.sign({ submissionId: id, attempt }),
      record_key: this.records.keyOf({ submissionId: id, attempt }),
      user_id: String(submission.user_id),
      traceparent: submission.traceparent,
    };
  }

  private async reportOne(report: JobReport, known: SubmissionSnapshot): Promise<ReportOutcome> {
    if (report.kind === 'waiting') return this.waiting(report, known);
    const { decision } = await this.transitions.apply(requestOf(report), known);
    return decision === 'apply' ? 'applied' : decision;
  }

  /** Shown while it lasts: every transition clears it. */
  private async waiting(report: WaitingReport, now: SubmissionSnapshot): Promise<ReportOutcome> {
    const { attempt, code, message } = report;
    if (attempt > now.attempt) return 'unknown';
    if (attempt < now.attempt) return 'stale';
    if (isFinal(now.status)) return 'final';
    const { _id, status, waiting } = now;
    const same = waiting?.code === code;
    if (status === 'running' || (same && waiting.message === message)) return 'unchanged';
    const at = new Date();
    const since = same ? waiting.since : at;
    const { matchedCount } = await this.submissions.updateOne(
      { _id, attempt, status },
      { $set: { waiting: { code, message, since }, updated_at: at } },
    );
    return matchedCount > 0 ? 'applied' : 'unchanged';
  }
}

/** Whether a Job would be created for it, if there is none: a stale, final or running one takes nobody's turn. */
const wantsJob = ({ attempt }: AttemptRef, known: SubmissionSnapshot | undefined): boolean =>
  known?.attempt === attempt && (known.status === 'queued' || known.status === 'scheduled');

const claiming = ({ _id }: SubmissionSnapshot, { attempt }: AttemptRef): TransitionRequest => ({
  submissionId: _id,
  attempt,
  to: 'scheduled',
  actor: 'scheduler',
  reason: null,
});

type WaitingReport = Extract<JobReport, { kind: 'waiting' }>;

function requestOf(report: Exclude<JobReport, WaitingReport>): TransitionRequest {
  const id = objectId(report.submission_id);
  if (report.kind === 'failed') return failing(id, report.attempt, 'scheduler', report.failure);
  return { submissionId: id, attempt: report.attempt, to: 'running', actor: 'scheduler', reason: null };
}
