import type { SubmissionStatus } from '@cloudemy/contracts';
import type { DeadLetterModel } from '../dead-letters/model.js';
import type { SubmissionCollection } from '../submissions/model.js';

/** What waits, as the database has it. */
export interface StatusCounts {
  active: { status: (typeof activeStatuses)[number]; count: number; oldestMs: number }[];
  deadLetters: number;
}

const activeStatuses = ['queued', 'scheduled', 'running'] as const satisfies SubmissionStatus[];

/** Counts what is not final; what is, however much, is not looked at. */
export async function countStatuses(
  submissions: SubmissionCollection,
  deadLetters: DeadLetterModel,
): Promise<StatusCounts> {
  const [rows, letters] = await Promise.all([
    submissions
      .aggregate<{ _id: SubmissionStatus; count: number; oldest: Date }>([
        { $match: { status: { $in: activeStatuses } } },
        { $group: { _id: '$status', count: { $sum: 1 }, oldest: { $min: '$status_since' } } },
      ])
      .toArray(),
    deadLetters.countDocuments({ replayed_at: null }),
  ]);
  const now = Date.now();
  return {
    active: activeStatuses.map((status) => {
      const row = rows.find(({ _id }) => _id === status);
      return {
        status,
        count: row?.count ?? 0,
        oldestMs: row === undefined ? 0 : Math.max(0, now - row.oldest.getTime()),
      };
    }),
    deadLetters: letters,
  };
}
