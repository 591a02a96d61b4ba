import type { Logger } from '@cloudemy/service';
import { Redis, type RedisOptions } from 'ioredis';
import { GatheringRedis } from './gathering-redis.js';
import { reconnectOnReadonly } from './usable.js';

export type { Redis };

/**
 * A Redis whose machine is gone says nothing, and the operating system gives its connection up after a quarter of an
 * hour. Probes of TCP find it out in 20 s, on a connection that only listens too; on one that asks, an answer that is
 * due for longer than commands are waited for.
 */
const options = {
  connectTimeout: 3_000,
  keepAlive: 10_000,
  socketTimeout: 5_000,
  retryStrategy: (times: number) => Math.min(50 * times, 1_000),
} satisfies RedisOptions;

/**
 * For commands. They fail at once while Redis is out of reach: whoever sends them works on without their answers.
 *
 * @param connectionName by which Redis lists the connection
 */
export function connectRedis(url: string, connectionName: string, log: Logger): Redis {
  const impatient = { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: 3_000 };
  return withLog(
    new GatheringRedis(url, {
      ...options,
      ...impatient,
      connectionName,
      reconnectOnError: reconnectOnReadonly(),
    }),
    log,
  );
}

/**
 * For the queue, whose client must never give a command up: it comes back within a second of Redis doing so. An answer
 * may be due for as long as the longest blocking command takes (10 s).
 */
export function connectQueue(url: string, connectionName: string, log: Logger): Redis {
  const patient = {
    maxRetriesPerRequest: null,
    socketTimeout: 20_000,
    connectionName,
    reconnectOnError: reconnectOnReadonly(),
  };
  return withLog(new GatheringRedis(url, { ...options, ...patient }), log);
}

/** For subscriptions, which are taken up again after every reconnection. */
export function connectSubscriber(url: string, connectionName: string, log: Logger): Redis {
  return withLog(new Redis(url, { ...options, maxRetriesPerRequest: null, connectionName }), log);
}

/** Logs an outage once, and its end. */
function withLog(redis: Redis, log: Logger): Redis {
  let failing = false;
  redis.on('error', (error: unknown) => {
    if (!failing) log.warn({ err: error }, 'Redis does not answer, trying again');
    failing = true;
  });
  redis.on('ready', () => {
    if (failing) log.info('Redis answers again');
    failing = false;
  });
  return redis;
}
