import { type Authenticate, AuditTrail, auditModel, createGuard } from '@cloudemy/auth';
import { deployerAccess } from '@cloudemy/contracts';
import { type Cluster, Discovery, KubeConnectionError } from '@cloudemy/k8s';
import {
  Health,
  type Lifecycle,
  type Logger,
  Metrics,
  isProxyOf,
  listen,
  serverLimits,
  version,
} from '@cloudemy/service';
import { type Tracer, silentTracer } from '@cloudemy/tracing';
import type { Express, RequestHandler } from 'express';
import { beforeRoutes, buildApp } from './app.js';
import { Grants } from './auth/grants.js';
import { deployerLimits } from './auth/limits.js';
import { type DeployerConfig, allowanceOf, logStreamsPerUser, policyOf } from './config.js';
import { Database } from '@cloudemy/mongo';
import { type Redis, checkRedis, connectRedis } from '@cloudemy/redis';
import { Allowance } from './deployments/allowance.js';
import { Deployer } from './deployments/deploy.js';
import { Deployments } from './deployments/deployments.js';
import { deploymentModel } from './deployments/model.js';
import { Remover } from './deployments/remove.js';
import { YamlReader } from './deployments/yaml-reader.js';
import { deployerMetrics } from './metrics.js';
import { DeploymentStore } from './deployments/store.js';
import { startSweep } from './deployments/sweep.js';
import { originPolicy } from './http/origins.js';
import { DeployedJobs } from './jobs/deployed-jobs.js';
import { Jobs } from './jobs/jobs.js';
import { Logs } from './logs/logs.js';
import { pageFolder, pageRoutes } from './page/routes.js';
import { Permissions } from './status/permissions.js';
import { refuseRunnersNamespaces } from './status/runners-elsewhere.js';
import { SystemState } from './status/system-status.js';
import { clientAddress } from './terminals/client-address.js';
import { createTerminals } from './terminals/create-terminals.js';
import { Tickets, ticketModel } from './terminals/tickets.js';

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

/** Milliseconds that answers under way may take to finish at the end. */
const closeGraceMs = 5_000;

/**
 * Milliseconds that each part which waits for MongoDB or the cluster may take at the end: they may be gone. Terminals
 * have theirs to end their shells in, and to record that.
 */
const leaveAfterMs = 2_000;
const leaveTerminalsAfterMs = 7_000;

/**
 * Starts a deployer. It listens at once and is ready when MongoDB and the cluster answer.
 *
 * @returns the port in use
 * @throws ListenError when the address cannot be had
 */
export async function startDeployer(context: DeployerContext): Promise<number> {
  const { config, cluster, authenticate, log, lifecycle, tracer = silentTracer } = context;
  const { api } = cluster;
  const policy = policyOf(config);
  const yaml = new YamlReader({ maxBytes: config.MAX_YAML_BYTES, maxDocuments: config.MAX_DOCUMENTS });
  lifecycle.onStop('cluster', () => cluster.close());
  if (config.AUTH_MODE === 'jwt') await refuseRunnersNamespaces(api, policy.namespaces, log);

  const health = new Health();
  const metrics = new Metrics('deployer');
  const database = new Database('cloudemy-deployer', log);
  const model = deploymentModel(database.connection);
  const records = auditModel(database.connection, 'deployer');
  const ticketRecords = ticketModel(database.connection);
  database.open(config.MONGO_URL, config.DB_NAME, async () => {
    await model.createIndexes();
    await records.createIndexes();
    await ticketRecords.createIndexes();
  });
  lifecycle.onStop('mongodb', () => database.close(), { leaveAfterMs });
  health.addDependency('mongodb', () => database.ping());
  health.addDependency('kubernetes', (signal) => api.get('/version', { signal }).catch(withoutAddress));

  const store = new DeploymentStore(model);
  const allowance = new Allowance(store, allowanceOf(config));
  const grants = new Grants(policy, config.DEPLOYER_GRANTS);
  const audit = new AuditTrail(records, log, { retentionDays: config.AUDIT_RETENTION_DAYS });
  const deployed = new DeployedJobs({ api, store, grants });
  const logs = new Logs({
    api,
    deployed,
    audit,
    log,
    maxStreams: config.MAX_LOG_STREAMS,
    maxStreamsPerUser: logStreamsPerUser(config),
  });
  deployerMetrics(metrics, { logStreams: () => logs.streams, deployments: () => store.countByStage() });
  const permissions = new Permissions({ api, policy, log });
  const requireDatabase: RequestHandler = (_req, _res, next) => {
    database.assertReady();
    next();
  };
  const redis = openRedis(context, health);
  const limits = deployerLimits(config, redis);
  const guard = createGuard({
    table: deployerAccess,
    authenticate,
    first: limits.first,
    admitted: (_route, operationId) => limits.admitted(operationId),
  });
  const { terminals, ...terminalParts } = createTerminals({
    config,
    api,
    jobs: deployed,
    audit,
    authenticate,
    tickets: config.AUTH_MODE === 'off' ? undefined : new Tickets(ticketRecords),
    origins: originPolicy(config),
    log,
    metrics,
    guard,
    before: beforeRoutes(config, requireDatabase),
    handshakes: limits.handshakes,
    addressOf: (req) => clientAddress(req, app.get('trust proxy fn')),
  });
  const sessions = {
    get open() {
      return terminals.count;
    },
    limit: terminals.limit,
    limitPerUser: terminals.limitPerUser,
  };
  const app: Express = buildApp({
    config,
    log,
    health,
    metrics,
    grants,
    audit,
    auditModel: records,
    deployer: new Deployer({ api, discovery: new Discovery(api), store, grants, yaml, allowance, log }),
    tracer,
    remover: new Remover({ api, store, yaml, log }),
    deployments: new Deployments({ model, store, api }),
    jobs: new Jobs({ api, deployed }),
    logs,
    state: new SystemState({ cluster, database, store, permissions, policy, sessions, version }),
    guard,
    requireDatabase,
    routers: [pageRoutes(pageFolder), terminalParts.routes],
  });
  const server = await listen(app, config.HOST, config.PORT, {
    upgrades: terminalParts.gateway,
    limits: serverLimits(config),
    isProxy: isProxyOf(app),
  });
  lifecycle.onStop('audit', () => audit.flush(), { leaveAfterMs });
  lifecycle.onStop('deletions', startSweep({ api, store, log }), { leaveAfterMs });
  lifecycle.onStop('http', () => server.close(closeGraceMs));
  const stopStreams = async (): Promise<void> => {
    health.startDraining();
    logs.stop();
    await terminalParts.stop();
  };
  lifecycle.onStop('streams', stopStreams, { leaveAfterMs: leaveTerminalsAfterMs });
  // Its host alone: the address of the embedded cluster holds the administrator's token.
  const { host } = new URL(cluster.server);
  log.info({ host: config.HOST, port: server.port, cluster: host }, 'listening');
  nameMissing(permissions, log, lifecycle);
  return server.port;
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

/** Asks the cluster at the start, so that what is missing is in the log before somebody runs into it. */
function nameMissing(permissions: Permissions, log: Logger, lifecycle: DeployerContext['lifecycle']): void {
  const stopping = new AbortController();
  const asked = permissions.current(stopping.signal).catch((error: unknown) => {
    if (!stopping.signal.aborted) log.warn({ err: error }, 'the cluster cannot be asked for permissions yet');
  });
  lifecycle.onStop(
    'permissions',
    async () => {
      stopping.abort();
      await asked;
    },
    { leaveAfterMs },
  );
}
