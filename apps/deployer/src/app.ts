import {
  defaultBodyLimit,
  deployerAccess,
  deployerApi,
  deployerAudit,
  deployerAuditApi,
  deploymentsApi,
  jobsApi,
  openPaths,
  statusApi,
  webhooksApi,
} from '@cloudemy/contracts';
import {
  type BeforeRoute,
  type Guard,
  type Health,
  type Logger,
  type Metrics,
  createHttpApp,
  routeBody,
  serveApi,
} from '@cloudemy/service';
import { type AuditModel, listAudit, requestAudit } from '@cloudemy/auth';
import type { Tracer } from '@cloudemy/tracing';
import type { Webhooks } from '@cloudemy/webhooks';
import type { Express, RequestHandler } from 'express';
import { clientLeft, clusterProblems } from './cluster/problems.js';
import type { DeployerConfig } from './config.js';
import { databaseProblems } from '@cloudemy/mongo';
import { type DeploymentParts, deploymentHandlers } from './deployments/routes.js';
import { refuseIdempotencyKey } from './http/idempotency-key.js';
import { corsHeaders, originPolicy } from './http/origins.js';
import { info } from './info.js';
import type { Jobs } from './jobs/jobs.js';
import { jobHandlers } from './jobs/routes.js';
import type { Logs } from './logs/logs.js';
import { logHandlers } from './logs/routes.js';
import { statusHandlers } from './status/routes.js';
import type { SystemState } from './status/system-status.js';

export interface AppParts extends DeploymentParts {
  config: DeployerConfig;
  log: Logger;
  health: Health;
  metrics: Metrics;
  tracer: Tracer;
  jobs: Jobs;
  logs: Logs;
  state: SystemState;
  webhooks: Pick<Webhooks, 'handlers'>;
  auditModel: AuditModel;
  /** Lets in who may call a route, by the authorisation table. */
  guard: Guard;
  /** Refuses requests while the database has never been reached. */
  requireDatabase: RequestHandler;
  /** Parts that bring routers of their own. */
  routers: readonly RequestHandler[];
}

/** The express app of the deployer. */
export function buildApp(parts: AppParts): Express {
  const { config, log, health, metrics, guard } = parts;
  const before = beforeRoutes(config, parts.requireDatabase);
  const audit = requestAudit(parts.audit, deployerAudit);
  return createHttpApp({
    api: deployerApi,
    access: deployerAccess,
    open: openPaths,
    info,
    log,
    health,
    metrics,
    tracer: parts.tracer,
    tellsMetrics: config.INTERNAL_PORT === undefined,
    origins: originPolicy(config),
    cors: corsHeaders(config.CORS_ORIGINS),
    routes: [
      refuseIdempotencyKey,
      ...parts.routers,
      serveApi(deploymentsApi, deploymentHandlers(parts), guard, before),
      serveApi(jobsApi, { ...jobHandlers(parts.jobs), ...logHandlers(parts.logs) }, guard, before),
      serveApi(webhooksApi, parts.webhooks.handlers, guard, before, audit.around),
      serveApi(statusApi, statusHandlers(parts.state), guard),
      serveApi(
        deployerAuditApi,
        { listAudit: ({ query }) => listAudit(parts.auditModel, 'deployer', query) },
        guard,
        before,
      ),
    ],
    translators: [databaseProblems, clusterProblems, clientLeft],
    onProblem: audit.onProblem,
    loggedPath: withoutSessionId,
    trustProxy: config.TRUST_PROXY,
  });
}

/** What other services ask alone, on a port of its own: health and figures. */
export function internalApp({ config, log, health, metrics }: AppParts): Express {
  return createHttpApp({
    api: {},
    info,
    log,
    health,
    metrics,
    origins: originPolicy(config),
    routes: [serveApi({}, {}, () => [])],
  });
}

/** While nobody signs in the id of a terminal opens its door: the log shows as much of it as the audit trail. */
const withoutSessionId = (path: string): string => path.replace(/^(\/terminal\/[\w-]{8})[\w-]{8,}/, '$1…');

/** What comes before every route that reads or changes deployments. */
export function beforeRoutes(config: DeployerConfig, requireDatabase: RequestHandler): BeforeRoute {
  return (route, operation) => [
    requireDatabase,
    ...routeBody(route, takesYaml.has(operation) ? bodyBytes(config.MAX_YAML_BYTES) : undefined),
  ];
}

const takesYaml = new Set(['deploy', 'deleteByYaml']);

/** JSON writes line ends and quotes of YAML as two bytes; beside it is a form. */
const bodyBytes = (yamlBytes: number): number => yamlBytes * 2 + defaultBodyLimit.bytes;
