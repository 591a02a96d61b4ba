import { createGuard } from '@cloudemy/auth';
import { deployerAccess } from '@cloudemy/contracts';
import { isProxyOf, listen, serverLimits, version } from '@cloudemy/service';
import { silentTracer } from '@cloudemy/tracing';
import type { Express, RequestHandler } from 'express';
import { type AppParts, beforeRoutes, buildApp, internalApp } from './app.js';
import { deployerLimits } from './auth/limits.js';
import { type Base, type DeployerContext, leaveAfterMs, openBase } from './base.js';
import { logStreamsPerUser } from './config.js';
import { createDeployments } from './deployments/create-deployments.js';
import { startSweep } from './deployments/sweep.js';
import { originPolicy } from './http/origins.js';
import { Jobs } from './jobs/jobs.js';
import { keepEnds } from './jobs/keep-ends.js';
import { Logs } from './logs/logs.js';
import { deployerMetrics } from './metrics.js';
import { Permissions } from './status/permissions.js';
import { refuseRunnersNamespaces } from './status/runners-elsewhere.js';
import { SystemState } from './status/system-status.js';
import { clientAddress } from './terminals/client-address.js';
import { type TerminalFeatureParts, createTerminals } from './terminals/create-terminals.js';
import { Tickets } from './terminals/tickets.js';
import { startTelling } from './webhooks/start.js';

/** Milliseconds that answers under way may take to finish at the end. */
const closeGraceMs = 5_000;
/** Milliseconds that terminals have to end their shells in, and to record that. */
const leaveTerminalsAfterMs = 7_000;

/**
 * Starts a deployer. It listens at once and is ready when MongoDB and the cluster answer.
 *
 * @returns the port in use
 * @throws ListenError when the address cannot be had
 */
export async function startDeployer(context: DeployerContext): Promise<number> {
  const { config, cluster, log, lifecycle, tracer = silentTracer } = context;
  lifecycle.onStop('cluster', () => cluster.close());
  const base = openBase(context);
  const { api, health, metrics, policy, database, store, audit, deployed } = base;
  if (config.AUTH_MODE === 'jwt') await refuseRunnersNamespaces(api, policy.namespaces, log);

  const logs = createLogs(base);
  deployerMetrics(metrics, { logStreams: () => logs.streams, deployments: () => store.countByStage() });
  const permissions = new Permissions({ api, policy, log });
  const requireDatabase: RequestHandler = (_req, _res, next) => {
    database.assertReady();
    next();
  };
  const limits = deployerLimits(config, base.redis);
  const guard = createGuard({
    table: deployerAccess,
    authenticate: context.authenticate,
    first: limits.first,
    admitted: (_route, operationId) => limits.admitted(operationId),
  });
  const { sessions, gateway, routes, stop } = openTerminals(base, {
    handshakes: limits.handshakes,
    guard,
    before: beforeRoutes(config, requireDatabase),
    addressOf: (req) => clientAddress(req, app.get('trust proxy fn')),
  });
  const parts: AppParts = {
    ...base,
    ...createDeployments(base),
    auditModel: base.auditRecords,
    tracer,
    jobs: new Jobs({ api, deployed }),
    logs,
    state: new SystemState({
      cluster,
      database,
      store,
      permissions,
      policy,
      grants: context.config.DEPLOYER_GRANTS,
      sessions,
      version,
    }),
    guard,
    requireDatabase,
    routers: [routes],
  };
  const app: Express = buildApp(parts);
  await tellFigures(parts, base);
  const server = await listen(app, config.HOST, config.PORT, {
    upgrades: gateway,
    limits: serverLimits(config),
    isProxy: isProxyOf(app),
  });
  lifecycle.onStop('audit', () => audit.flush(), { leaveAfterMs });
  lifecycle.onStop('webhooks', startTelling(base), { leaveAfterMs });
  lifecycle.onStop('ends', keepEnds({ api, namespaces: policy.namespaces, log }), { leaveAfterMs });
  lifecycle.onStop('deletions', startSweep({ api, store, log }), { leaveAfterMs });
  lifecycle.onStop('http', () => server.close(closeGraceMs));
  const stopStreams = async (): Promise<void> => {
    health.startDraining();
    logs.stop();
    await stop();
  };
  lifecycle.onStop('streams', stopStreams, { leaveAfterMs: leaveTerminalsAfterMs });
  // Its host alone: the address of the embedded cluster holds the administrator's token.
  const { host } = new URL(cluster.server);
  log.info({ host: config.HOST, port: server.port, cluster: host }, 'listening');
  nameMissing(permissions, base);
  return server.port;
}

/** Health and figures on a port of their own, if there is one. */
async function tellFigures(parts: AppParts, { config, lifecycle }: Base): Promise<void> {
  if (config.INTERNAL_PORT === undefined) return;
  const limits = serverLimits(config);
  const server = await listen(internalApp(parts), config.HOST, config.INTERNAL_PORT, { limits });
  lifecycle.onStop('figures', () => server.close(closeGraceMs));
}

function createLogs({ config, api, deployed, audit, log }: Base): Logs {
  const maxStreams = config.MAX_LOG_STREAMS;
  return new Logs({ api, deployed, audit, log, maxStreams, maxStreamsPerUser: logStreamsPerUser(config) });
}

function openTerminals(
  base: Base,
  parts: Pick<TerminalFeatureParts, 'guard' | 'before' | 'handshakes' | 'addressOf'>,
) {
  const { config } = base;
  const { terminals, ...rest } = createTerminals({
    ...base,
    ...parts,
    jobs: base.deployed,
    tickets: config.AUTH_MODE === 'off' ? undefined : new Tickets(base.tickets),
    origins: originPolicy(config),
  });
  const sessions = {
    get open() {
      return terminals.count;
    },
    limit: terminals.limit,
    limitPerUser: terminals.limitPerUser,
  };
  return { ...rest, sessions };
}

/** Asks the cluster at the start, so that what is missing is in the log before somebody runs into it. */
function nameMissing(permissions: Permissions, { log, lifecycle }: Base): void {
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
