import { credentials } from './session.js';

export interface EventHandlers {
  open(): void;
  event(name: string, data: string): void;
  /** The connection broke; `over` when there is no use in trying again. */
  lost(over: boolean): void;
}

/** Milliseconds between two tries. */
const againMs = 1_500;

/**
 * Reads Server-Sent Events and continues where it was when the connection breaks. The browser's own `EventSource` does
 * the same but cannot send an `Authorization` header.
 *
 * @returns stops it
 */
export function readEvents(url: string, handlers: EventHandlers): () => void {
  const stopping = new AbortController();
  void read(url, handlers, stopping.signal);
  return () => stopping.abort();
}

async function read(url: string, handlers: EventHandlers, signal: AbortSignal): Promise<void> {
  let lastId: string | undefined;
  while (!signal.aborted) {
    try {
      const answer = await fetch(url, {
        headers: { ...(await credentials()), ...(lastId === undefined ? {} : { 'Last-Event-ID': lastId }) },
        signal,
      });
      // A service that is overloaded or restarting may take the next try.
      if (answer.status === 204 || (answer.status >= 400 && answer.status < 500)) {
        handlers.lost(true);
        return;
      }
      if (answer.status !== 200 || answer.body === null) throw new Error(`answered ${answer.status}`);
      handlers.open();
      for await (const block of blocksOf(answer.body)) {
        lastId = fieldOf(block, 'id') ?? lastId;
        const data = fieldOf(block, 'data');
        if (data !== undefined && !signal.aborted) handlers.event(fieldOf(block, 'event') ?? 'message', data);
      }
    } catch {
      // A connection that could not be made or has broken: the next one continues after the last event.
    }
    if (signal.aborted) return;
    handlers.lost(false);
    await new Promise((resolve) => {
      window.setTimeout(resolve, againMs);
    });
  }
}

/** The events of a stream, each as its lines. */
async function* blocksOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string[]> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let held = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    held += value;
    const blocks = held.split('\n\n');
    held = blocks.pop() ?? '';
    for (const block of blocks) yield block.split('\n');
  }
}

function fieldOf(lines: readonly string[], name: string): string | undefined {
  return lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
}
