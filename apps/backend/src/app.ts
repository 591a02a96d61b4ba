import { type AuditModel, type RequestAudit, listAudit } from '@cloudemy/auth';
import { backendAccess, backendApi, internalApi, publicApi } from '@cloudemy/contracts';
import {
  type ErrorTranslator,
  type Guard,
  type Health,
  type HttpAppOptions,
  type Logger,
  type Metrics,
  createHttpApp,
  routeBody,
  serveApi,
  version,
  wholeBody,
} from '@cloudemy/service';
import type { Tracer } from '@cloudemy/tracing';
import type { Webhooks } from '@cloudemy/webhooks';
import cors from 'cors';
import express, { type Express, type RequestHandler } from 'express';
import type { Identity } from './accounts/identity.js';
import type { Assignments } from './assignments/assignments.js';
import { assignmentHandlers } from './assignments/routes.js';
import type { Stats } from './assignments/stats/stats.js';
import { refuseIdempotencyKey } from './auth/idempotency-key.js';
import { originPolicy } from './auth/origins.js';
import type { BackendConfig } from './config.js';
import type { Presence } from './courses/presence.js';
import { type CourseParts, courseHandlers } from './courses/routes.js';
import { type ErasureRouteParts, erasureHandlers } from './erasure/routes.js';
import { type GradeRouteParts, gradeHandlers } from './grades/routes.js';
import { type OperationRouteParts, operationHandlers } from './operation/routes.js';
import { type InternalParts, internalHandlers, servedInternalApi } from './internal/routes.js';
import { type ReceiptRouteParts, receiptHandlers } from './receipts/routes.js';
import type { RegradeFeature } from './regrades/create-regrades.js';
import { type ReviewParts, reviewHandlers } from './reviews/routes.js';
import { regradeHandlers } from './regrades/routes.js';
import type { StandingParts } from './standings/listing.js';
import { standingHandlers } from './standings/routes.js';
import { type SubmissionParts, submissionHandlers } from './submissions/routes.js';

export interface AppParts
  extends
    SubmissionParts,
    ReviewParts,
    GradeRouteParts,
    ReceiptRouteParts,
    ErasureRouteParts,
    InternalParts,
    OperationRouteParts {
  config: BackendConfig;
  log: Logger;
  health: Health;
  metrics: Metrics;
  identity: Pick<Identity, 'handlers'>;
  /** Lets in who may call a route, by the authorisation table. */
  guard: Guard;
  tracer: Tracer;
  assignments: Assignments;
  presence: Presence;
  stats: Stats;
  courses: CourseParts;
  standings: StandingParts;
  regrades: Pick<RegradeFeature, 'regrades' | 'estimate'>;
  webhooks: Pick<Webhooks, 'handlers'>;
  /** Refuses requests while the database has never been reached. */
  requireDatabase: RequestHandler;
  /** Puts requests on record. */
  audit: RequestAudit;
  auditModel: AuditModel;
  translators: ErrorTranslator[];
}

/** What answers on which port. */
export interface Apps {
  /** On PORT: everything, or without INTERNAL_PORT's share where that has one. */
  main: Express;
  /** On INTERNAL_PORT: what only other services ask. */
  internal: Express | undefined;
}

/** The express apps of the backend. */
export function buildApps(parts: AppParts): Apps {
  const { config } = parts;
  const [open, internal] = [publicRoutes(parts), internalRoutes(parts)];
  if (config.INTERNAL_PORT === undefined) {
    return { main: appOf(parts, { api: backendApi, routes: [internal, open] }), internal: undefined };
  }
  return {
    main: appOf(parts, { api: publicApi, routes: [open], tellsMetrics: false }),
    internal: appOf(parts, { api: internalApi, routes: [internal] }),
  };
}

function appOf(parts: AppParts, served: Pick<HttpAppOptions, 'api' | 'routes' | 'tellsMetrics'>): Express {
  const { config, log, health, metrics } = parts;
  return createHttpApp({
    ...served,
    access: backendAccess,
    info,
    log,
    health,
    metrics,
    tracer: parts.tracer,
    origins: originPolicy(config),
    cors: corsHeaders(config.CORS_ORIGINS),
    translators: parts.translators,
    onProblem: parts.audit.onProblem,
    trustProxy: config.TRUST_PROXY,
  });
}

function publicRoutes(parts: AppParts): RequestHandler {
  const { config } = parts;
  return serveApi(
    publicApi,
    {
      ...parts.identity.handlers,
      ...courseHandlers(parts.courses),
      ...assignmentHandlers(parts.assignments, parts.stats, parts.presence),
      ...regradeHandlers(parts.regrades, parts.assignmentModel, parts.enrolments),
      ...submissionHandlers(parts),
      ...gradeHandlers(parts),
      ...reviewHandlers(parts),
      ...standingHandlers(parts.standings),
      ...receiptHandlers(parts),
      ...erasureHandlers(parts),
      ...operationHandlers(parts),
      ...parts.webhooks.handlers,
      listAudit: ({ query }) => listAudit(parts.auditModel, 'backend', query),
    },
    parts.guard,
    (route, operation) => [
      ...refuseIdempotencyKey(route),
      ...routeBody(route, operation === 'createSubmission' ? config.MAX_BODY_BYTES : undefined),
    ],
    parts.audit.around,
  );
}

function internalRoutes(parts: AppParts): RequestHandler {
  const { config } = parts;
  return serveApi(
    servedInternalApi,
    internalHandlers(parts),
    parts.guard,
    (route, operation) => [
      parts.requireDatabase,
      ...(operation === 'deliverResult' ? [rawBody(config.MAX_BODY_BYTES)] : routeBody(route)),
    ],
    parts.audit.around,
  );
}

const info = {
  title: 'Cloudemy backend',
  version,
  description: 'Assignments, submissions and their grades; live events; what scheduler and runner report.',
};

/** The bytes of a body of any media type: whoever has the token is heard, even when it says nonsense. */
const rawBody = (limitBytes: number): RequestHandler =>
  wholeBody(express.raw({ type: () => true, limit: limitBytes }));

function corsHeaders(origins: readonly string[]): RequestHandler {
  return cors({
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    allowedHeaders: [
      'Authorization',
      'Content-Type',
      'Idempotency-Key',
      'Last-Event-ID',
      'Traceparent',
      'X-Request-Id',
    ],
    exposedHeaders: [
      'Location',
      'X-Request-Id',
      'Traceresponse',
      'Retry-After',
      'RateLimit',
      'RateLimit-Policy',
      'WWW-Authenticate',
      'Idempotent-Replayed',
    ],
    maxAge: 600,
  });
}
