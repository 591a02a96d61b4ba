import { z } from 'zod';
import { Id, Timestamp, Traceparent } from '../primitives.js';

/** What waits on the queue for the scheduler. Small: the rest is in MongoDB. */
export const QueuePayload = z.object({
  submission_id: Id,
  attempt: z.int().min(1),
  user_id: Id,
  enqueued_at: Timestamp,
  request_id: z.string(),
  traceparent: Traceparent.optional(),
});
export type QueuePayload = z.output<typeof QueuePayload>;

/**
 * Reads `QUEUE_SUBMISSIONS`. BullMQ forbids `:` in a queue's name, so `queue:submissions` is the prefix
 * `queue` and the name `submissions`, and the keys in Redis begin with `queue:submissions:`.
 */
export const QueueName = z
  .string()
  .regex(
    /^[\w.-]+(:[\w.-]+)+$/,
    'must be a prefix and a name with a colon between, such as queue:submissions',
  )
  .transform((value) => {
    const colon = value.lastIndexOf(':');
    return { prefix: value.slice(0, colon), name: value.slice(colon + 1) };
  });
export type QueueName = z.output<typeof QueueName>;

/**
 * The queue's id for one attempt: adding it twice is one job. The attempt's suffix also keeps it from being
 * all digits, which BullMQ refuses in a custom id and a hexadecimal id can be.
 */
export const queueJobId = (submissionId: string, attempt: number): string => `${submissionId}-${attempt}`;
