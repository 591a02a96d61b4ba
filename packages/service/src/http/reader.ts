import type { ServerResponse } from 'node:http';

/**
 * Runs `release` once the answer is over, however early: while we still find out who asks, their connection may have
 * closed, and no event tells of that a second time. All that is tied to a connection is let go through this.
 */
export function whenOver(res: ServerResponse, release: () => void): void {
  if (isOver(res)) release();
  else res.once('close', release);
}

const isOver = (res: ServerResponse): boolean =>
  res.closed || res.destroyed || res.socket?.destroyed === true;

/** Aborted when the reader goes away before the answer is complete, or went before this was asked. */
export function readerSignal(res: ServerResponse): AbortSignal {
  const gone = new AbortController();
  whenOver(res, () => {
    if (!res.writableFinished) gone.abort();
  });
  return gone.signal;
}
