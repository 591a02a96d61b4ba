import type { Actor } from '@cloudemy/auth';
import type { AttemptDetail, GradeChange, GradeRestore, GradeUndo } from '@cloudemy/contracts';
import { type Clock, newId, objectId } from '@cloudemy/mongo';
import { ProblemError, notFound } from '@cloudemy/service';
import { actorName } from '../auth/actor-name.js';
import {
  type ShowFailure,
  attemptsView,
  detailedFailure,
  failureView,
  isSecret,
} from '../submissions/attempts-view.js';
import type { StoredSubmission, SubmissionCollection } from '../submissions/model.js';
import type { SubmissionSnapshot } from '../submissions/transition.js';
import type { GradeContents } from './contents.js';
import type { DecisionCollection } from './decisions.js';
import { gradeOf, gradeView } from './grade.js';
import { changesIn, isOnlyOfGrade } from './history.js';
import { type GradeContent, putInForce } from './in-force.js';

/** A change loses a race against a transition or another change, and each of those ends. */
const maxRaces = 20;
/** Changes of a grade by people, so that the submission does not grow without end. */
const maxChanges = 200;

/** Told of a change after it is durable. Must not throw. */
export type GradeListener = (event: {
  submission: Pick<SubmissionSnapshot, '_id' | 'attempt' | 'status' | 'seq'>;
}) => void;

/** What a person wants in force, and why. */
export interface Wanted {
  content: GradeContent;
  source: 'restored' | 'decided' | 'undone' | 'applied';
}

interface Request {
  actor: Actor;
  reason: string;
  /** Of the grade that was looked at. */
  version?: number | undefined;
}

export interface GradeParts {
  submissions: SubmissionCollection;
  decisions: DecisionCollection;
  contents: GradeContents;
  now: Clock;
  listeners: readonly GradeListener[];
}

/** What people do with the grade in force. Each change has an author and a reason, and can be undone. */
export class Grades {
  private readonly parts: GradeParts;

  constructor(parts: GradeParts) {
    this.parts = parts;
  }

  /** Every grade that was in force. @throws ProblemError `not_found` */
  async changes(submissionId: string): Promise<GradeChange[]> {
    const { history } = await this.mustFind(submissionId);
    return changesIn(history).map(({ seq, at, decision_id: _, ...change }) => ({
      ...change,
      version: seq,
      at: at.toISOString(),
    }));
  }

  /**
   * An attempt with its whole result.
   *
   * @param shown whether the reader sees grades of the submission
   * @throws ProblemError `not_found`
   */
  async attempt(
    submissionId: string,
    attempt: number,
    showTo: (userId: string) => ShowFailure,
    shown: boolean,
  ): Promise<AttemptDetail> {
    const found = await this.mustFind(submissionId);
    const drafts = shown ? undefined : ('withheld' as const);
    const summary = attemptsView(found.history, showTo(String(found.user_id)), drafts).find(
      (one) => one.attempt === attempt,
    );
    if (summary === undefined) throw noAttempt(submissionId, attempt);
    const result = await this.parts.contents.result(found._id, attempt);
    const isHidden =
      !shown || (isSecret(found.history, attempt) && showTo(String(found.user_id)) !== detailedFailure);
    const graded = result?.verdict.kind === 'graded' && !isHidden ? result.verdict.result : undefined;
    const grade = gradeOf(found);
    const { version } = found.assignment;
    return {
      submission_id: submissionId,
      ...summary,
      in_force: shown && grade?.attempt === attempt && (grade.decision_id ?? null) === null,
      feedback: graded?.feedback ?? null,
      criteria: graded?.criteria ?? [],
      metrics:
        !shown || result === null || result.verdict.kind === 'ungradable'
          ? null
          : result.verdict.result.metrics,
      assignment: result?.assignment ?? (version === summary.assignment_version ? found.assignment : null),
    };
  }

  /**
   * Puts the grade of an earlier attempt in force.
   *
   * @throws ProblemError `not_found`, `conflict`, `version_mismatch`, `quota_exceeded`
   */
  restore(actor: Actor, submissionId: string, request: GradeRestore): Promise<void> {
    return this.ofAttempt(actor, submissionId, request, 'restored');
  }

  /**
   * Puts the draft of a regrade in force.
   *
   * @param request its version is that of the grade when the draft began; 0 for none
   * @throws ProblemError as `restore`
   */
  applyDraft(actor: Actor, submissionId: string, request: GradeRestore): Promise<void> {
    return this.ofAttempt(actor, submissionId, request, 'applied');
  }

  private ofAttempt(
    actor: Actor,
    submissionId: string,
    { attempt, reason, version }: GradeRestore,
    source: 'restored' | 'applied',
  ): Promise<void> {
    return this.change(submissionId, { actor, reason, version }, async (current) => {
      const drafts = source === 'applied' ? 'shown' : 'hidden';
      const summary = attemptsView(current.history, failureView, drafts).find(
        (one) => one.attempt === attempt,
      );
      if (summary === undefined) throw noAttempt(submissionId, attempt);
      const { score } = summary;
      if (score === null) throw conflict(`Attempt ${attempt} is ${summary.status} and has no grade.`);
      const content = await this.parts.contents.ofAttempt(current._id, { ...summary, score });
      if (content === null) throw conflict(`The result of attempt ${attempt} is not kept any more.`);
      const grade = gradeOf(current);
      const isThere = grade?.attempt === attempt && (grade.decision_id ?? null) === null;
      return isThere ? undefined : { content, source };
    });
  }

  /**
   * Takes the last change back.
   *
   * @throws ProblemError `not_found`, `conflict`, `version_mismatch`, `quota_exceeded`
   */
  undo(actor: Actor, submissionId: string, { reason, version }: GradeUndo): Promise<void> {
    return this.change(submissionId, { actor, reason, version }, async (current) => {
      const before = changesIn(current.history).at(-2);
      if (before === undefined)
        throw conflict('No other grade was in force before: there is nothing to undo.');
      const content = await this.parts.contents.of(current._id, before);
      if (content === null) throw conflict('What the grade before said is not kept any more.');
      return { content, source: 'undone' };
    });
  }

  /**
   * Puts in force what a person decided about the submission as it is now.
   *
   * @param decide may be asked again when the submission moved on meanwhile
   * @throws ProblemError `not_found`, `version_mismatch`, `quota_exceeded`; what `decide` throws
   */
  decide(
    submissionId: string,
    request: Request,
    decide: (current: StoredSubmission) => Omit<GradeContent, 'decision_id'>,
  ): Promise<void> {
    return this.change(submissionId, request, async (current) => {
      const content = decide(current);
      const { id, createdAt } = newId(this.parts.now());
      // Before it is in force: one that never comes into force is only never read.
      await this.parts.decisions.insertOne({
        _id: id,
        submission_id: current._id,
        content,
        actor: actorName(request.actor),
        reason: request.reason,
        created_at: createdAt,
      });
      return { content: { ...content, decision_id: String(id) }, source: 'decided' };
    });
  }

  /**
   * Notes that a person has looked at the grade, now or before.
   *
   * @throws ProblemError `not_found`, `conflict` while there is none
   */
  async confirm(submissionId: string): Promise<void> {
    const current = await this.mustFind(submissionId);
    if (gradeOf(current) === null) throw conflict('There is no grade yet that could be confirmed.');
    await this.parts.submissions.updateOne({ _id: current._id }, { $min: { reviewed_at: this.parts.now() } });
  }

  private async change(
    submissionId: string,
    request: Request,
    want: (current: StoredSubmission) => Promise<Wanted | undefined>,
  ): Promise<void> {
    for (let race = 0; race < maxRaces; race += 1) {
      const current = await this.mustFind(submissionId);
      assertLatest(current, request.version);
      if (current.history.filter(isOnlyOfGrade).length >= maxChanges) throw tooMany();
      const wanted = await want(current);
      if (wanted === undefined || (await this.write(current, request, wanted))) return;
    }
    throw new ProblemError('unavailable', {
      detail: 'The submission is changing too fast at the moment. Try again.',
      retryAfter: 1,
    });
  }

  /** False when the submission has moved on. */
  private async write(
    current: StoredSubmission,
    { actor, reason }: Request,
    wanted: Wanted,
  ): Promise<boolean> {
    const { _id, status, attempt, max_score, assignment } = current;
    const at = this.parts.now();
    const by = { source: wanted.source, actor: actorName(actor), reason, seq: current.seq + 1, at };
    const { grade, step } = putInForce(wanted.content, by);
    const entry = {
      seq: by.seq,
      at,
      status,
      attempt,
      actor: by.actor,
      reason,
      max_score,
      score: null,
      fail_tags: [],
      failure: null,
      result_id: null,
      assignment_version: assignment.version,
      grade: step,
    };
    const { matchedCount } = await this.parts.submissions.updateOne(
      { _id, seq: current.seq },
      {
        $set: { grade, seq: by.seq, updated_at: at },
        $push: { history: entry },
        ...(isLookedAt(wanted) ? { $min: { reviewed_at: at } } : {}),
      },
    );
    if (matchedCount === 0) return false;
    for (const listener of this.parts.listeners)
      listener({ submission: { _id, attempt, status, seq: by.seq } });
    return true;
  }

  private async mustFind(submissionId: string): Promise<StoredSubmission> {
    const found = await this.parts.submissions.findOne({ _id: objectId(submissionId) });
    if (found === null) throw notFound('submission', submissionId);
    return found;
  }
}

/** Who decides or restores one grade has looked at it; who applies a draft, or takes one back, has not. */
const isLookedAt = ({ source }: Wanted): boolean => source === 'decided' || source === 'restored';

function assertLatest(current: StoredSubmission, version: number | undefined): void {
  const latest = gradeView(gradeOf(current))?.version ?? 0;
  if (version === undefined || version === latest) return;
  throw new ProblemError('version_mismatch', {
    detail: `The grade is at version ${latest === 0 ? 'none' : latest}, not ${version}.${changesSince(current, version)} Read it again and repeat the change.`,
  });
}

/** Who did what since then, for whoever comes second. */
function changesSince({ history }: StoredSubmission, version: number): string {
  const since = changesIn(history).filter(({ seq }) => seq > version);
  const told = since.slice(-3).map(({ actor, source, score, at, reason }) => {
    const why = reason === null ? '' : ` ("${reason.slice(0, 100).toWellFormed()}")`;
    return `${actor} made it ${score} at ${at.toISOString()}, ${source}${why}`;
  });
  return told.length === 0 ? '' : ` Since then: ${told.join('; ')}.`;
}

const conflict = (detail: string): ProblemError => new ProblemError('conflict', { detail });

const noAttempt = (submissionId: string, attempt: number): ProblemError =>
  notFound('attempt', `${attempt} of submission ${submissionId}`);

const tooMany = (): ProblemError =>
  new ProblemError('quota_exceeded', {
    detail: `The grade was changed ${maxChanges} times by people, as often as may be. Have the submission graded again.`,
  });
