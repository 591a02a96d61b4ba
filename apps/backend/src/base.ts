import { AuditTrail } from '@cloudemy/auth';
import { Database } from '@cloudemy/mongo';
import { checkRedis, connectRedis, connectSubscriber } from '@cloudemy/redis';
import type { Health, Lifecycle, Logger } from '@cloudemy/service';
import type { BackendConfig } from './config.js';
import { type Stores, openStores } from './stores.js';
import { Users } from './users/users.js';

/**
 * Milliseconds that each part which waits for a store may take at the end: the store may be gone. What is left undone
 * is in the database, and another replica's sweepers do it.
 */
export const leaveAfterMs = 3_000;

/** The stores, and what every feature needs of them. */
export interface Base {
  config: BackendConfig;
  log: Logger;
  lifecycle: Lifecycle;
  health: Health;
  database: Database;
  stores: Stores;
  users: Users;
  redis: ReturnType<typeof connectRedis>;
  subscriber: ReturnType<typeof connectSubscriber>;
  audit: AuditTrail;
}

/** Makes the clients of MongoDB and Redis. MongoDB is not asked for anything yet, see `Database.open`. */
export function openBase(config: BackendConfig, log: Logger, lifecycle: Lifecycle, health: Health): Base {
  const database = new Database('cloudemy-backend', log);
  const stores = openStores(database.connection);
  const redis = connectRedis(config.REDIS_URL, 'cloudemy-backend', log);
  const subscriber = connectSubscriber(config.REDIS_URL, 'cloudemy-backend', log);
  lifecycle.onStop('redis', () => {
    redis.disconnect();
    subscriber.disconnect();
  });
  // Submissions are taken in without it and wait in the outbox: no reason for a probe to take every replica away.
  health.addOptional('redis', () => checkRedis(redis));
  lifecycle.onStop('mongodb', () => database.close(), { leaveAfterMs });
  health.addDependency('mongodb', () => database.ping());
  const audit = new AuditTrail(stores.audit, log, { retentionDays: config.AUDIT_RETENTION_DAYS });
  const users = new Users(stores.users);
  return { config, log, lifecycle, health, database, stores, users, redis, subscriber, audit };
}
