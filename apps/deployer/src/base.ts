import { type Authenticate, type AuditModel, AuditTrail, auditModel } from '@cloudemy/auth';
import { type Cluster, KubeConnectionError } from '@cloudemy/k8s';
import { Database } from '@cloudemy/mongo';
import { type Redis, checkRedis, connectRedis } from '@cloudemy/redis';
import { Health, type Lifecycle, type Logger, Metrics } from '@cloudemy/service';
import type { Tracer } from '@cloudemy/tracing';
import { type Webhooks, createWebhooks, webhookModels } from '@cloudemy/webhooks';
import { Grants } from './auth/grants.js';
import { type DeployerConfig, policyOf } from './config.js';
import { type DeploymentModel, deploymentModel } from './deployments/model.js';
import { DeploymentStore } from './deployments/store.js';
import { DeployedJobs } from './jobs/deployed-jobs.js';
import { type TicketModel, ticketModel } from './terminals/tickets.js';

export interface DeployerContext {
  config: DeployerConfig;
  cluster: Cluster;
  /** Who a request is made by. */
  authenticate: Authenticate;
  log: Logger;
  /** Is told how to stop each part. */
  lifecycle: Pick<Lifecycle, 'onStop'>;
  /** Nothing is traced when left out. */
  tracer?: Tracer;
}

/**
 * Milliseconds that each part which waits for MongoDB or the cluster may take at the end: they may be gone. Terminals
 * have theirs to end their shells in, and to record that.
 */
export const leaveAfterMs = 2_000;

/** The stores and the cluster, and what every feature needs of them. */
export interface Base extends DeployerContext {
  api: Cluster['api'];
  health: Health;
  metrics: Metrics;
  policy: ReturnType<typeof policyOf>;
  database: Database;
  deployments: DeploymentModel;
  auditRecords: AuditModel;
  tickets: TicketModel;
  /** Undefined: limits are counted in this process alone. */
  redis: Redis | undefined;
  store: DeploymentStore;
  grants: Grants;
  audit: AuditTrail;
  deployed: DeployedJobs;
  webhooks: Webhooks;
}

/** Makes the clients of MongoDB and Redis, and begins to ask for MongoDB. */
export function openBase(context: DeployerContext): Base {
  const { config, cluster, log, lifecycle } = context;
  const { api } = cluster;
  const health = new Health();
  const policy = policyOf(config);
  const database = new Database('cloudemy-deployer', log);
  const deployments = deploymentModel(database.connection);
  const auditRecords = auditModel(database.connection, 'deployer');
  const tickets = ticketModel(database.connection);
  const told = webhookModels(database.connection, 'deployer');
  database.open(config.MONGO_URL, config.DB_NAME, async () => {
    await deployments.createIndexes();
    await auditRecords.createIndexes();
    await tickets.createIndexes();
    await told.webhooks.createIndexes();
    await told.deliveries.createIndexes();
  });
  lifecycle.onStop('mongodb', () => database.close(), { leaveAfterMs });
  health.addDependency('mongodb', () => database.ping());
  health.addDependency('kubernetes', (signal) => api.get('/version', { signal }).catch(withoutAddress));
  const store = new DeploymentStore(deployments);
  const grants = new Grants(policy, config.DEPLOYER_GRANTS);
  const audit = new AuditTrail(auditRecords, log, { retentionDays: config.AUDIT_RETENTION_DAYS });
  return {
    ...context,
    api,
    health,
    metrics: new Metrics('deployer'),
    policy,
    database,
    deployments,
    auditRecords,
    tickets,
    redis: openRedis(context, health),
    store,
    grants,
    audit,
    deployed: new DeployedJobs({ api, store, grants }),
    webhooks: createWebhooks({
      service: 'deployer',
      models: told,
      networks: config.WEBHOOK_PRIVATE_NETWORKS,
      now: database.clock.now,
      log,
    }),
  };
}

/** Health is told to anyone. */
function withoutAddress(error: unknown): never {
  throw error instanceof KubeConnectionError ? new Error(error.what, { cause: error }) : error;
}

/** Where limits are counted, if there is such a place; an outage of it refuses nobody (ADR 28). */
function openRedis({ config, log, lifecycle }: DeployerContext, health: Health): Redis | undefined {
  if (config.REDIS_URL === undefined) {
    if (config.AUTH_MODE === 'jwt')
      log.info('without REDIS_URL rate limits are counted in this process alone');
    return undefined;
  }
  const redis = connectRedis(config.REDIS_URL, 'cloudemy-deployer', log);
  lifecycle.onStop('redis', () => redis.disconnect());
  health.addOptional('redis', () => checkRedis(redis, 'limit:deployer:probe'));
  return redis;
}
