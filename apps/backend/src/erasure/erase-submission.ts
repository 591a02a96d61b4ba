import { randomBytes } from 'node:crypto';
import { isFinal } from '@cloudemy/contracts';
import type { Clock } from '@cloudemy/mongo';
import { digestsOf, partsOf } from '../receipts/parts.js';
import type { Stores } from '../stores.js';
import type { StoredSubmission } from '../submissions/model.js';
import type { TransitionService } from '../submissions/transition-service.js';
import { erasedWord, scrubEntry, scrubGrade, scrubVerdict } from './scrub.js';

export interface EraseParts {
  stores: Stores;
  transitions: Pick<TransitionService, 'apply'>;
  now: Clock;
}

/**
 * Takes out of a submission what a person wrote and what was written about it. Points and times stay, and receipts keep
 * the salted hashes without their salts. Each step can be done again: a crash leaves work, and nothing half known.
 *
 * @param by who asked for it; an attempt that is under way is cancelled in their name
 * @returns false when it has moved meanwhile, or continues and nobody asked
 */
export async function eraseSubmission(
  { stores, transitions, now }: EraseParts,
  submission: StoredSubmission,
  by?: `user:${string}`,
): Promise<boolean> {
  const { _id, attempt, seq } = submission;
  if (!isFinal(submission.status)) {
    if (by === undefined) return false;
    const reason = 'Cancelled, as it is to be erased.';
    await transitions.apply({ submissionId: _id, attempt, to: 'cancelled', actor: by, reason });
    return false;
  }
  await eraseResults(stores, submission);
  await Promise.all([
    stores.keptFiles.deleteMany({ submission_id: _id }),
    stores.comments.deleteMany({ submission_id: _id }),
    stores.reviewRequests.deleteMany({ submission_id: _id }),
    eraseDecisions(stores, submission),
  ]);
  const { grade, failure } = submission;
  const { matchedCount } = await stores.submissions.updateOne(
    { _id, seq },
    {
      $set: {
        code: '',
        history: submission.history.map(scrubEntry),
        ...(grade === undefined || grade === null ? {} : { grade: scrubGrade(grade) }),
        failure:
          failure === null
            ? null
            : { code: failure.code, message: failure.message, retryable: failure.retryable },
        waiting: null,
        erased_at: now(),
      },
      $unset: { files: '', untold: '' },
    },
  );
  return matchedCount > 0;
}

/** Each keeps the hashes that its receipt is signed over, and loses what they are of. */
async function eraseResults(stores: Stores, submission: StoredSubmission): Promise<void> {
  const left = { submission_id: submission._id, 'record.digests': { $exists: false } };
  for await (const result of stores.results.find(left)) {
    const secret = result.record?.salt ?? randomBytes(32).toString('base64url');
    const digests = digestsOf(partsOf(submission, result, secret));
    await stores.results.updateOne(
      { _id: result._id },
      { $set: { record: { salt: null, transcript: null, digests }, verdict: scrubVerdict(result.verdict) } },
    );
  }
}

async function eraseDecisions({ decisions }: Stores, { _id }: StoredSubmission): Promise<void> {
  for await (const { _id: id, content } of decisions.find({ submission_id: _id })) {
    await decisions.updateOne({ _id: id }, { $set: { content: scrubGrade(content), reason: erasedWord } });
  }
}
