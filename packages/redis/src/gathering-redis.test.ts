import { type Server, type Socket, connect, createServer } from 'node:net';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startRedis } from '@cloudemy/emulator-stack/redis';
import { GatheringRedis } from './gathering-redis.js';

let server: Awaited<ReturnType<typeof startRedis>>;
let wire: Wire;
let redis: GatheringRedis;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.close());
beforeEach(async () => {
  wire = await Wire.to(server.port);
  redis = new GatheringRedis(wire.port, { maxRetriesPerRequest: null, retryStrategy: () => 10 });
  redis.on('error', () => {
    // The cut under test.
  });
  await once(redis, 'ready');
});
afterEach(async () => {
  redis.disconnect();
  await wire.close();
});

test('commands of one turn go out together, and each gets its own answer', async () => {
  const before = wire.chunks;
  const values = await Promise.all(Array.from({ length: 40 }, (_, index) => redis.echo(`value ${index}`)));
  expect(values).toEqual(Array.from({ length: 40 }, (_, index) => `value ${index}`));
  expect(wire.chunks - before).toBe(1);
});

test('a command alone is sent in its own turn', async () => {
  const before = wire.chunks;
  expect(await redis.ping()).toBe('PONG');
  expect(await redis.ping()).toBe('PONG');
  expect(wire.chunks - before).toBe(2);
});

test('what was held back when the connection broke is sent on the next one', async () => {
  for (let round = 0; round < 5; round += 1) {
    const answers = Promise.all([redis.echo('before'), redis.echo('with it')]);
    wire.cut();
    expect(await answers).toEqual(['before', 'with it']);
    expect(await redis.echo('after')).toBe('after');
  }
});

/** Between client and server; counts what the client writes, as far as it comes apart. */
class Wire {
  chunks = 0;
  private readonly sockets = new Set<Socket>();

  private readonly server: Server;

  private constructor(server: Server) {
    this.server = server;
  }

  static async to(port: number): Promise<Wire> {
    const server = createServer({ noDelay: true });
    const wire = new Wire(server);
    server.on('connection', (client) =>
      wire.join(client, connect({ port, host: '127.0.0.1', noDelay: true })),
    );
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return wire;
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket, server: Socket): void {
    client.on('data', () => (this.chunks += 1));
    client.pipe(server).pipe(client);
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.sockets.delete(socket));
    }
  }
}
