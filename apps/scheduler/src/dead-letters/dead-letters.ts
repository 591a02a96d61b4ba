import { type DeadLetterReport, Id, maxMessage, maxPayloadChars } from '@cloudemy/contracts';
import { z } from 'zod';
import type { InternalClient } from '../backend/internal-client.js';

/** A message as the queue holds it. */
export interface QueuedMessage {
  id?: string | undefined;
  data: unknown;
}

/** What of a broken message may still be right. */
const Subject = z.object({
  submission_id: Id.nullable().catch(null),
  attempt: z.int().min(1).nullable().catch(null),
});

/** Hands messages that cannot be worked on to the backend, which keeps them for people to look at. */
export class DeadLetters {
  private readonly backend: Pick<InternalClient, 'reportDeadLetter'>;

  constructor(backend: Pick<InternalClient, 'reportDeadLetter'>) {
    this.backend = backend;
  }

  /** Reporting a message again is one letter. Throws what the client throws: then it must stay on the queue. */
  async report(
    message: QueuedMessage,
    reason: string,
    cause: DeadLetterReport['cause'] = 'damaged',
  ): Promise<void> {
    await this.backend.reportDeadLetter({ body: { ...letterOf(message, reason), cause } });
  }
}

function letterOf({ id, data }: QueuedMessage, reason: string): Omit<DeadLetterReport, 'cause'> {
  const subject = Subject.safeParse(data).data ?? { submission_id: null, attempt: null };
  return {
    queue_job: (id ?? 'without an id').slice(0, 300),
    payload: (JSON.stringify(data) ?? 'undefined').slice(0, maxPayloadChars),
    reason: reason.slice(0, maxMessage) || 'no reason was given',
    ...subject,
  };
}
