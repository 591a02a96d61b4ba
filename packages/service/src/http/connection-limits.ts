import type { Server } from 'node:http';

export interface ConnectionLimits {
  /** Connections at a time, from wherever. */
  readonly all: number;
  /** Connections at a time from one address. */
  readonly perAddress: number;
}

/**
 * Bounds how many connections are open: each costs memory before anything is known about who is there. More are
 * closed as they come.
 *
 * @param isProxy whether many clients come from this address; only the bound for all holds then
 */
export function limitConnections(
  server: Server,
  { all, perAddress }: ConnectionLimits,
  isProxy: (address: string) => boolean,
): void {
  const open = new Map<string, number>();
  server.maxConnections = all;
  server.on('connection', (socket) => {
    const address = socket.remoteAddress;
    if (address === undefined || isProxy(address)) return;
    const count = (open.get(address) ?? 0) + 1;
    if (count > perAddress) {
      socket.destroy();
      return;
    }
    open.set(address, count);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
  });
}
