import { SubmissionEvent } from '@cloudemy/contracts';
import { streamedEvents } from './event-stream.js';

/**
 * Follows a submission on the backend's event stream until its final state, as any client can: reconnects with
 * `Last-Event-ID` when the stream breaks.
 *
 * @param credentials headers that say who follows
 */
export async function* followSubmission(
  backendUrl: string,
  submissionId: string,
  signal: AbortSignal,
  credentials: Record<string, string> = {},
): AsyncGenerator<SubmissionEvent> {
  let last: number | undefined;
  for (;;) {
    const answer = await fetch(`${backendUrl}/submissions/${submissionId}/events`, {
      headers: { ...credentials, ...(last === undefined ? {} : { 'last-event-id': String(last) }) },
      signal,
    });
    if (answer.status === 204) return;
    if (!answer.ok || answer.body === null) throw new Error(`the event stream answered ${answer.status}`);
    for await (const { data } of streamedEvents(answer.body)) {
      const event = SubmissionEvent.parse(JSON.parse(data));
      last = event.seq;
      yield event;
      if (event.final) return;
    }
  }
}
