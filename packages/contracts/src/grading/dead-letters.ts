import { z } from 'zod';
import { Id, Timestamp, page, pageQuery } from '../primitives.js';
import { maxMessage } from './failure.js';

/** Characters of a payload that are kept. */
export const maxPayloadChars = 65_536;

const told = {
  queue_job: z.string().min(1).max(300).describe("The queue's id of the message."),
  payload: z.string().max(maxPayloadChars).describe('The message as it lay on the queue.'),
  reason: z.string().min(1).max(maxMessage).describe('Why it cannot be worked on.'),
  submission_id: Id.nullable().describe('When the message says so much.'),
  attempt: z.int().min(1).nullable(),
};

/** The scheduler hands over a message that it cannot work on. Reporting it again is one letter. */
export const DeadLetterReport = z
  .strictObject({
    ...told,
    cause: z
      .enum(['damaged', 'given_up'])
      .default('damaged')
      .describe('`given_up`: the message is whole, but the queue had ended it.'),
  })
  .meta({ id: 'DeadLetterReport' });
export type DeadLetterReport = z.output<typeof DeadLetterReport>;

export const DeadLetter = z
  .object({
    dead_letter_id: Id,
    ...told,
    source: z.enum(['scheduler', 'backend']).describe('Who found it.'),
    created_at: Timestamp,
    replayed_at: Timestamp.nullable(),
  })
  .meta({ id: 'DeadLetter', description: 'A message that could not be worked on, kept to be looked at.' });
export type DeadLetter = z.output<typeof DeadLetter>;

export const DeadLetterPage = page(DeadLetter, 'DeadLetterPage');
export const DeadLetterQuery = z.strictObject(pageQuery);
