import { until } from '@cloudemy/testing';
import { type Client, backendApi, createClient } from '@cloudemy/contracts';
import { startLocalMongo } from '@cloudemy/emulator-mongo';
import { startRedis } from '@cloudemy/emulator-stack/redis';
import { Lifecycle, createLogger } from '@cloudemy/service';
import { documentedFetch } from '@cloudemy/service/testing';
import { startBackend } from '../backend.js';
import { readConfig } from '../config.js';

/** What the scheduler of a test proves itself with. */
export const serviceAuth = { authorization: 'Bearer service-token-of-the-tests' };

export type Env = Record<string, string>;

/** One running backend. Every answer is checked against the OpenAPI document. */
export interface Replica {
  base: string;
  api: Client<typeof backendApi>;
  fetch: typeof fetch;
  stop(): Promise<boolean>;
}

export interface TestStores {
  mongoUri: string;
  redisUrl: string;
  /** Another backend on the same stores. */
  start(env?: Env): Promise<Replica>;
  /** Stops every backend and both stores. */
  close(): Promise<void>;
}

/** A real Redis and the embedded MongoDB, for as many backends as a test wants. */
export async function startStores(): Promise<TestStores> {
  const [mongo, redis] = await Promise.all([startLocalMongo(), startRedis()]);
  const replicas: Replica[] = [];
  return {
    mongoUri: mongo.uri,
    redisUrl: redis.url,
    start: async (env = {}) => {
      const replica = await startReplica(backendEnv(mongo.uri, redis.url, env));
      replicas.push(replica);
      return replica;
    },
    close: async () => {
      await Promise.all(replicas.map((replica) => replica.stop()));
      await Promise.all([mongo.close(), redis.close()]);
    },
  };
}

/** The environment of a backend that sweeps fast enough for a test to wait for it. */
export function backendEnv(mongoUri: string, redisUrl: string, env: Env = {}): Env {
  return {
    PORT: '0',
    LOG_LEVEL: 'silent',
    MONGO_URI: mongoUri,
    REDIS_URL: redisUrl,
    INTERNAL_SERVICE_TOKEN: 'service-token-of-the-tests',
    RESULT_TOKEN_SECRET: 'a secret for result tokens in the tests',
    SWEEP_INTERVAL_MS: '200',
    SWEEP_GRACE_MS: '200',
    REQUEUE_AFTER_MS: '300',
    EVENTS_POLL_MS: '200',
    ...env,
  };
}

/** Starts a backend in this process and waits until it is ready. */
export async function startReplica(env: Env): Promise<Replica> {
  const config = readConfig(env);
  const log = createLogger('backend', config.LOG_LEVEL);
  const lifecycle = new Lifecycle(log, config.SHUTDOWN_TIMEOUT_MS);
  const { port } = await startBackend(config, log, lifecycle);
  const replica = replicaAt(port, () => lifecycle.stop('the test is over'));
  await until(async () => {
    const { status } = await fetch(`${replica.base}/auth`);
    return status === 200;
  });
  return replica;
}

/** Waits until a backend reaches Redis too. */
export async function untilReady({ base }: Replica): Promise<void> {
  await until(async () => (await fetch(`${base}/readyz`)).status === 200);
}

/** Calls a backend that runs somewhere on this machine. */
export function replicaAt(port: number, stop: () => Promise<boolean>): Replica {
  const base = `http://127.0.0.1:${port}`;
  const checked = documentedFetch(backendApi, base);
  return { base, api: createClient(backendApi, { baseUrl: base, fetch: checked }), fetch: checked, stop };
}
