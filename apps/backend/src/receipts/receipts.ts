import { randomBytes } from 'node:crypto';
import { type AttemptSummary, type Receipt, isFinal } from '@cloudemy/contracts';
import { type Clock, objectId } from '@cloudemy/mongo';
import { signReceipt } from '@cloudemy/receipts';
import { ProblemError, notFound } from '@cloudemy/service';
import { gradeOf, gradeView } from '../grades/grade.js';
import { changesIn } from '../grades/history.js';
import { type ResultCollection, type StoredResult, resultId } from '../results/model.js';
import { attemptsView } from '../submissions/attempts-view.js';
import type { StoredSubmission, SubmissionCollection } from '../submissions/model.js';
import type { ReceiptKeys } from './keys.js';
import { digestsOf, disclosedTo, partsOf } from './parts.js';

export interface ReceiptParts {
  submissions: SubmissionCollection;
  results: ResultCollection;
  keys: ReceiptKeys;
  now: Clock;
}

/** An attempt that has ended, as a receipt tells of it. */
export interface Told {
  submission: StoredSubmission;
  summary: AttemptSummary;
  result: StoredResult | null;
}

/** Makes receipts of attempts: what is needed to defend a grade and to compute it again. */
export class Receipts {
  private readonly parts: ReceiptParts;

  constructor(parts: ReceiptParts) {
    this.parts = parts;
  }

  /**
   * The attempt, its summary and its result.
   *
   * @throws ProblemError `not_found`, `conflict` while it continues
   */
  async find(submissionId: string, attempt: number): Promise<Told> {
    const { submissions, results } = this.parts;
    const submission = await submissions.findOne({ _id: objectId(submissionId) });
    if (submission === null) throw notFound('submission', submissionId);
    const summary = attemptsView(submission.history).find((one) => one.attempt === attempt);
    if (summary === undefined) throw notFound('attempt', `${attempt} of submission ${submissionId}`);
    if (!isFinal(summary.status)) {
      throw new ProblemError('conflict', {
        detail: `Attempt ${attempt} is ${summary.status}: there is a receipt once it has ended.`,
      });
    }
    const result = await results.findOne({
      _id: resultId(submissionId, attempt),
      accepted: { $ne: false },
    });
    return { submission, summary, result };
  }

  /** The file, as canonical JSON. */
  async issue({ submission, summary, result }: Told, reader: 'staff' | 'student'): Promise<string> {
    const secret = result?.record?.salt ?? randomBytes(32).toString('base64url');
    const parts = partsOf(submission, result, secret);
    const erased = result?.record?.digests;
    const receipt: Receipt = {
      ...factsOf(submission, summary),
      issued_at: this.parts.now().toISOString(),
      result: resultOf(result),
      model: modelOf(result),
      digests: erased ?? digestsOf(parts),
    };
    const disclosed = erased === undefined ? disclosedTo(reader, parts) : {};
    return signReceipt(receipt, disclosed, await this.parts.keys.current());
  }
}

function factsOf(submission: StoredSubmission, summary: AttemptSummary) {
  const grade = gradeView(gradeOf(submission));
  return {
    submission_id: String(submission._id),
    assignment_id: String(submission.assignment_id),
    assignment_version: summary.assignment_version,
    attempt: summary.attempt,
    language: submission.language,
    submitted_at: submission.created_at.toISOString(),
    finished_at: summary.finished_at,
    status: summary.status,
    failure_code: summary.failure?.code ?? null,
    in_force:
      grade === null
        ? null
        : {
            attempt: grade.attempt,
            score: grade.score,
            max_score: grade.max_score,
            source: grade.source,
            version: grade.version,
          },
    changes: changesIn(submission.history).map(({ attempt, score, max_score, source, seq, at }) => ({
      attempt,
      score,
      max_score,
      source,
      version: seq,
      at: at.toISOString(),
    })),
  };
}

function resultOf(result: StoredResult | null): Receipt['result'] {
  if (result?.verdict.kind !== 'graded') return null;
  const { score, max_score, fail_tags, criteria } = result.verdict.result;
  return {
    score,
    max_score: max_score ?? criteria.reduce((sum, one) => sum + one.max_points, 0),
    fail_tags,
    criteria: criteria.map(({ criterion_id, met, points, max_points }) => ({
      criterion_id,
      met,
      points,
      max_points,
    })),
  };
}

function modelOf(result: StoredResult | null): Receipt['model'] {
  if (result === null || result.verdict.kind === 'ungradable') return null;
  const { metrics } = result.verdict.result;
  const exchanges = result.record?.transcript?.exchanges ?? [];
  if (metrics.model === undefined && exchanges.length === 0) return null;
  return {
    asked_for: exchanges.at(-1)?.model ?? null,
    reported: metrics.model ?? null,
    exchanges: exchanges.length + (result.record?.transcript?.left_out ?? 0),
    total_tokens: metrics.total_tokens ?? null,
    cost_usd: metrics.cost_usd ?? null,
  };
}
