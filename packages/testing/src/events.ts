import { type EventSourceMessage, EventSourceParserStream } from 'eventsource-parser/stream';

/** The server-sent events of a response, one by one; comments are left out. */
export async function* readEvents(
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
): AsyncGenerator<EventSourceMessage, undefined> {
  if (body === null) return undefined;
  yield* body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  return undefined;
}
