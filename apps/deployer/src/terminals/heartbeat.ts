import type { WebSocket } from 'ws';

export interface HeartbeatOptions {
  /** Milliseconds between two pings; proxies cut what is silent for a minute. */
  intervalMs: number;
  /** Milliseconds a client may leave output waiting without taking any of it. */
  stalledMs: number;
  /** `performance.now()` when it last took any; undefined when none waits. */
  waitingSince: () => number | undefined;
  onTooSlow: () => void;
}

/**
 * Pings a client, and cuts the connection of one that no longer answers. A client that is slow cannot answer in
 * time, for the ping waits behind the output, and neither can one that is not being read from: the first has its
 * own, longer limit, the second is not taken for dead.
 *
 * @returns stops it
 */
export function startHeartbeat(socket: WebSocket, options: HeartbeatOptions): () => void {
  let answered = true;
  const heard = (): void => {
    answered = true;
  };
  socket.on('pong', heard);
  socket.on('message', heard);
  const timer = setInterval(() => {
    const since = options.waitingSince();
    if (since !== undefined) {
      answered = true;
      if (performance.now() - since >= options.stalledMs) options.onTooSlow();
      return;
    }
    if (socket.isPaused) return;
    if (!answered) {
      socket.terminate();
      return;
    }
    answered = false;
    socket.ping();
  }, options.intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
