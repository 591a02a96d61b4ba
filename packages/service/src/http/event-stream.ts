import { once } from 'node:events';
import type { Response } from 'express';
import { whenOver } from './reader.js';

export interface StreamEvent {
  event?: string;
  id?: string;
  data: string;
}

export interface EventStream {
  /** Waits while the reader is slow; false once the reader is gone, or somebody else has ended the answer. */
  send(event: StreamEvent): Promise<boolean>;
  end(): void;
  readonly closed: boolean;
}

const heartbeatMs = 15_000;

/**
 * Turns an answer into Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 * A comment every 15 s keeps proxies from cutting an idle stream.
 */
export function openEventStream(res: Response): EventStream {
  res.status(200).set({
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
  });
  res.flushHeaders();
  const heartbeat = setInterval(() => {
    if (!res.writableNeedDrain && !res.writableEnded) res.write(': alive\n\n');
  }, heartbeatMs);
  let closed = false;
  whenOver(res, () => {
    closed = true;
    clearInterval(heartbeat);
  });
  return {
    get closed() {
      return closed;
    },
    async send(event) {
      if (closed || res.writableEnded) return false;
      if (!res.write(format(event))) await drained(res);
      return !closed && !res.writableEnded;
    },
    end() {
      clearInterval(heartbeat);
      res.end();
    },
  };
}

/**
 * Sends events until there are none, or the reader has gone: then the source is told to stop.
 */
export async function sendEvents(res: Response, events: AsyncIterable<StreamEvent>): Promise<void> {
  const stream = openEventStream(res);
  for await (const event of events) if (!(await stream.send(event))) return;
  stream.end();
}

/** Resolves when there is room again or the reader has gone; leaves no listener behind. */
async function drained(res: Response): Promise<void> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    await Promise.race([once(res, 'drain', { signal }), once(res, 'close', { signal })]);
  } finally {
    settled.abort();
  }
}

function format({ event, id, data }: StreamEvent): string {
  const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}`);
  return [
    ...(id === undefined ? [] : [`id: ${id}`]),
    ...(event === undefined ? [] : [`event: ${event}`]),
    ...lines,
    '',
    '',
  ].join('\n');
}
