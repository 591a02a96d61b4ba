import type { Redis } from 'ioredis';

/** Redis answers, but cannot do what Cloudemy needs of it. The message is a sentence for an operator. */
export class RedisUnusable extends Error {
  override readonly name = 'RedisUnusable';
}

/** What each connection was refused last: a connection that is being made again because of it says so. */
const lastRefusals = new WeakMap<Redis, { refusal: RedisUnusable; at: number }>();
const rememberMs = 10_000;

/** Seconds after which what a check wrote is gone. */
const probeTtlSeconds = 60;

const refusals: Readonly<Record<string, string>> = {
  READONLY: 'It is a read-only replica: after a failover, REDIS_URL must lead to the new primary.',
  OOM: 'Its memory is full: raise maxmemory, or find what fills it.',
  NOPERM: 'Its access list does not let this user write: grant what docs and deploy/ name.',
  NOAUTH: 'It wants a password: put it into REDIS_URL.',
  WRONGPASS: 'It does not know the user or password of REDIS_URL.',
  MISCONF: 'It cannot save to its disk and therefore takes no writes: look at its log and its disk.',
  CLUSTERDOWN: 'It is part of a cluster that is down.',
  CROSSSLOT: 'It runs in cluster mode, which Cloudemy does not work with.',
  MOVED: 'It runs in cluster mode, which Cloudemy does not work with.',
};

/**
 * Whether Redis can do its work, not only answer: it is connected, is no cluster, and takes a write.
 *
 * @param probeKey what is written: one that the user of this connection may write
 * @throws RedisUnusable naming what is wrong and what to do; whatever else the client throws
 */
export async function checkRedis(redis: Redis, probeKey = 'cloudemy:probe'): Promise<void> {
  if (redis.status !== 'ready') {
    const last = lastRefusals.get(redis);
    if (last !== undefined && performance.now() - last.at < rememberMs) throw last.refusal;
    throw new RedisUnusable(`no connection: ${redis.status}`);
  }
  try {
    // Who may not ask for that may still write.
    assertNoCluster(await redis.info('cluster').catch(() => ''));
    await redis.set(probeKey, '1', 'EX', probeTtlSeconds);
    lastRefusals.delete(redis);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    lastRefusals.set(redis, { refusal, at: performance.now() });
    throw refusal;
  }
}

function assertNoCluster(info: string): void {
  if (!/^cluster_enabled:1/m.test(info)) return;
  throw new RedisUnusable(
    'Redis runs in cluster mode, in which one command cannot touch several keys. Cloudemy needs a single primary: ' +
      'set cluster-enabled to no, or choose a managed Redis with cluster mode disabled.',
  );
}

/** What an error reply of Redis says about Redis as a whole; undefined for any other error. */
export function refusalOf(error: unknown): RedisUnusable | undefined {
  if (error instanceof RedisUnusable) return error;
  if (!(error instanceof Error)) return undefined;
  const word = Object.keys(refusals).find((refusal) => new RegExp(`\\b${refusal}\\b`).test(error.message));
  if (word === undefined) return undefined;
  return new RedisUnusable(`Redis refuses commands (${word}). ${refusals[word]}`, { cause: error });
}

/** Milliseconds between two reconnections because of a refusal: what is wrong may not be mended by one. */
const reconnectEveryMs = 1_000;

/**
 * For `reconnectOnError` of a client: a connection to a primary that was demoted is dropped, for a new one leads to
 * the primary of now. The command that was refused fails; whoever sent it tries again as after any outage.
 */
export function reconnectOnReadonly(): (error: Error) => boolean {
  let last = Number.NEGATIVE_INFINITY;
  return (error) => {
    if (!/\bREADONLY\b/.test(error.message) || performance.now() - last < reconnectEveryMs) return false;
    last = performance.now();
    return true;
  };
}
