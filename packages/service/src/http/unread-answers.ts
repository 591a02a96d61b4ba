import type { Server, ServerResponse } from 'node:http';

/**
 * Ends connections whose client has stopped reading its answer: what was written for it lies in memory until it is
 * read. A client that reads slowly keeps its connection, as the timer of a socket starts again when some of what was
 * written has gone out.
 *
 * @param unreadMs milliseconds in which some of an answer has to be read
 */
export function endUnreadAnswers(server: Server, unreadMs: number): void {
  const answers = new Set<ServerResponse>();
  const timed = new WeakSet<ServerResponse>();
  server.on('request', (_req, res: ServerResponse) => {
    answers.add(res);
    res.once('close', () => answers.delete(res));
  });
  const look = setInterval(() => {
    for (const res of answers) {
      const waits = res.writableNeedDrain || (res.writableEnded && !res.writableFinished);
      if (waits === timed.has(res)) continue;
      // Node destroys a socket that is idle for so long, unless somebody listens for it.
      res.socket?.setTimeout(waits ? unreadMs : 0);
      if (waits) timed.add(res);
      else timed.delete(res);
    }
  }, unreadMs / 4).unref();
  server.once('close', () => {
    clearInterval(look);
  });
}
