import type { IncomingMessage } from 'node:http';
import { Loop } from '@cloudemy/async';
import type { KubeApi } from '@cloudemy/k8s';
import {
  type BeforeRoute,
  type Guard,
  type Logger,
  type Metrics,
  type OriginPolicy,
  serveApi,
} from '@cloudemy/service';
import { terminalsApi } from '@cloudemy/contracts';
import type { Router } from 'express';
import { type Authenticate, type Limiter, addressKey, localAdmin } from '@cloudemy/auth';
import type { AuditTrail } from '@cloudemy/auth';
import type { DeployedJobs } from '../jobs/deployed-jobs.js';
import { clusterExec } from './cluster-exec.js';
import type { TerminalConfig } from './config.js';
import { TerminalGateway } from './gateway.js';
import { terminalMetrics } from './metrics.js';
import { terminalHandlers } from './routes.js';
import { Terminals } from './terminals.js';
import type { Tickets } from './tickets.js';

export interface TerminalFeatureParts {
  config: TerminalConfig;
  api: KubeApi;
  jobs: Pick<DeployedJobs, 'find' | 'findWithPods'>;
  audit: AuditTrail;
  authenticate: Authenticate;
  /** Undefined where nobody signs in. */
  tickets: Tickets | undefined;
  origins: OriginPolicy;
  log: Logger;
  metrics: Metrics;
  guard: Guard;
  before: BeforeRoute;
  addressOf: (req: IncomingMessage) => string;
  /** Counts WebSocket handshakes by address; undefined for no limit. */
  handshakes: Limiter | undefined;
}

export interface TerminalFeature {
  terminals: Terminals;
  routes: Router;
  /** For the HTTP server. */
  gateway: TerminalGateway;
  /** Ends all terminals: each client is told, each shell ended. */
  stop: () => Promise<void>;
}

/** Terminals that one of several users may have open at a time. */
const defaultSessionsPerUser = 20;
/** Milliseconds between two looks for sessions that have waited or lasted too long. */
const sweepMs = 1_000;
/** Milliseconds between two looks whether those who are at terminals still may be. */
const recheckMs = 5_000;
/** And between two whether their Jobs are still theirs, which takes the cluster and the database. */
const recheckJobsMs = 30_000;

/** Puts the parts of the terminals together and starts the sweep. */
export function createTerminals(parts: TerminalFeatureParts): TerminalFeature {
  const { config, api, audit, authenticate, tickets, metrics, log, handshakes, addressOf } = parts;
  const onEnded = terminalMetrics(metrics, () => terminals.count);
  const terminals: Terminals = new Terminals({
    api,
    openExec: clusterExec(api),
    jobs: parts.jobs,
    audit,
    limits: {
      shells: config.TERMINAL_SHELLS,
      maxSessions: config.TERMINAL_MAX_SESSIONS,
      // Where nobody signs in everybody is one user.
      maxSessionsPerUser:
        config.TERMINAL_MAX_SESSIONS_PER_USER ??
        (tickets === undefined ? config.TERMINAL_MAX_SESSIONS : defaultSessionsPerUser),
      idleMs: config.TERMINAL_IDLE_SECONDS * 1_000,
      detachedMs: config.TERMINAL_DETACHED_SECONDS * 1_000,
      maxMs: config.TERMINAL_MAX_SECONDS * 1_000,
    },
    onEnded,
  });
  const gateway = new TerminalGateway({
    terminals,
    audit,
    origins: parts.origins,
    attachments: {
      pingMs: config.TERMINAL_PING_SECONDS * 1_000,
      stalledMs: config.TERMINAL_STALLED_SECONDS * 1_000,
    },
    visitorOf: async (req, sessionId) =>
      tickets === undefined
        ? { userId: localAdmin.userId }
        : tickets.redeem(ticketOf(req), { sessionId, origin: req.headers.origin ?? null }),
    addressOf,
    isTooMany: handshakes && (async (req) => !(await handshakes.consume(addressKey(addressOf(req)))).allowed),
    log,
  });
  const handlers = terminalHandlers({
    terminals,
    gateway,
    authenticate,
    tickets,
    publicUrl: config.PUBLIC_URL,
  });
  const loops = [
    new Loop({ everyMs: sweepMs, pauseFirst: true, run: async () => terminals.sweep() }),
    new Loop({ everyMs: recheckMs, pauseFirst: true, run: () => terminals.recheck() }),
    new Loop({ everyMs: recheckJobsMs, pauseFirst: true, run: () => terminals.recheckJobs() }),
  ];
  for (const loop of loops) loop.start();
  return {
    terminals,
    routes: serveApi(terminalsApi, handlers, parts.guard, parts.before),
    gateway,
    stop: async () => {
      const stopped = loops.map((loop) => loop.stop());
      await terminals.stop();
      await Promise.all(stopped);
      await gateway.drained();
      await audit.flush();
    },
  };
}

const ticketOf = ({ url = '' }: IncomingMessage): string =>
  new URLSearchParams(url.split('?', 2)[1]).get('ticket') ?? '';
