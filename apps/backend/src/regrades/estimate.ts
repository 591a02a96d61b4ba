import type { RegradeEstimate, RegradeRequest } from '@cloudemy/contracts';
import { objectId } from '@cloudemy/mongo';
import type { StoredSubmission, SubmissionCollection } from '../submissions/model.js';

/** Gradings that the estimate is reckoned from. */
const sampleSize = 100;

/**
 * What grading again would take, by what the last gradings of the assignment took.
 *
 * @param inFlight how many are graded at a time
 */
export async function estimateRegrade(
  submissions: SubmissionCollection,
  inFlight: number,
  assignmentId: string,
  { statuses, failure_codes: codes, submission_ids: ids }: RegradeRequest,
): Promise<RegradeEstimate> {
  const assignment_id = objectId(assignmentId);
  const count = await submissions.countDocuments({
    assignment_id,
    ...(codes === undefined
      ? { status: { $in: statuses } }
      : { status: 'failed', 'failure.code': { $in: codes } }),
    ...(ids === undefined ? {} : { _id: { $in: ids.map(objectId) } }),
  });
  const sample = await submissions
    .find<Pick<StoredSubmission, 'metrics'>>(
      { assignment_id, status: 'graded' },
      { projection: { metrics: 1 }, sort: { _id: -1 }, limit: sampleSize },
    )
    .toArray();
  const mean = (name: 'total_tokens' | 'cost_usd' | 'total_ms'): number | null => {
    const known = sample.flatMap(({ metrics }) => metrics?.[name] ?? []);
    return known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0) / known.length;
  };
  const [tokens, cost, ms] = [mean('total_tokens'), mean('cost_usd'), mean('total_ms')];
  return {
    submissions: count,
    tokens: tokens === null ? null : Math.round(tokens * count),
    cost_usd: cost === null ? null : Number((cost * count).toFixed(6)),
    minutes:
      ms === null
        ? null
        : Number(((ms * count) / Math.min(inFlight, Math.max(count, 1)) / 60_000).toFixed(2)),
    based_on: sample.length,
  };
}
