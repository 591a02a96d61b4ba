import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeApi } from '@cloudemy/k8s';
import { ProblemError } from '@cloudemy/service';
import type { AuditTrail } from '@cloudemy/auth';
import { type Caller, type Scope, isInScope } from '../auth/caller.js';
import { newId } from '@cloudemy/mongo';
import type { DeployedJobs } from '../jobs/deployed-jobs.js';
import { terminalEvent } from './audit.js';
import { explainExit, explainFailedStart } from './ending.js';
import type { ExecExit, OpenExec } from './exec-channel.js';
import type { OpenSession } from './open-session.js';
import { lookAtJob, lookAtOwner, lookAtVisitor } from './recheck.js';
import { SessionRegistry } from './registry.js';
import type { Right } from './right.js';
import { type SessionEnd, endFor } from './session-end.js';
import { TerminalSession } from './session.js';
import { type Shell, shellsToTry, startShell } from './shell.js';
import { type Target, chooseTarget } from './target.js';

export interface TerminalLimits {
  shells: readonly string[];
  maxSessions: number;
  maxSessionsPerUser: number;
  idleMs: number;
  detachedMs: number;
  maxMs: number;
}

export interface TerminalParts {
  api: KubeApi;
  openExec: OpenExec;
  jobs: Pick<DeployedJobs, 'find' | 'findWithPods'>;
  audit: AuditTrail;
  limits: TerminalLimits;
  /** Told of every end, for metrics. */
  onEnded?: (end: SessionEnd) => void;
}

export interface Opening {
  jobName: string;
  namespace: string;
  podName: string | undefined;
  containerName: string | undefined;
  shell: string | undefined;
}

/** Which sessions are meant. */
export interface SessionFilter {
  jobName?: string | undefined;
  namespace?: string | undefined;
}

/** Milliseconds that shells get to go at the end. Each takes three seconds at most, one that has not come may never. */
const leavingMs = 5_000;

/** A session lives in this process (docs/adr/0010-terminal-sessions.md): coming back to it later is no use. */
const shutdownMessage =
  'The service is shutting down, and its terminals end with it. Open a new one in a moment.';

/** Opens terminals, finds them again and ends them. */
export class Terminals {
  readonly #registry: SessionRegistry;
  /** Shells that are not wanted any more, while they are being ended. */
  readonly #leaving = new Set<Promise<void>>();
  #stopping = false;

  private readonly parts: TerminalParts;

  constructor(parts: TerminalParts) {
    this.parts = parts;

    const { maxSessions, maxSessionsPerUser } = parts.limits;
    this.#registry = new SessionRegistry({ all: maxSessions, perUser: maxSessionsPerUser });
  }

  get count(): number {
    return this.#registry.size;
  }

  get limit(): number {
    return this.parts.limits.maxSessions;
  }

  get limitPerUser(): number {
    return this.parts.limits.maxSessionsPerUser;
  }

  /**
   * Starts a shell in a pod of a deployed Job.
   *
   * @param right of the caller, to be looked at again
   * @throws ProblemError for everything that is not as it must be; KubeApiError, KubeConnectionError
   */
  async open(caller: Caller, right: Right, wanted: Opening, signal?: AbortSignal): Promise<OpenSession> {
    this.#assertOpen();
    const shells = shellsToTry(this.parts.limits.shells, wanted.shell);
    return this.#registry.add(right.userId, async () => {
      const { namespace, jobName } = wanted;
      const { found, pods } = await this.parts.jobs.findWithPods(caller, namespace, jobName, signal);
      const { job, deploymentId } = found;
      const target = chooseTarget(job, pods, wanted);
      const shell = await startShell({
        openExec: this.parts.openExec,
        target,
        shells,
        signal,
        onOrphan: (gone) => this.#await(gone),
      }).catch(async (error: unknown) => {
        throw await explainFailedStart(this.parts.api, target, error);
      });
      const session = this.#make(right, target, deploymentId, shell);
      try {
        signal?.throwIfAborted();
        this.#assertOpen();
        await this.parts.audit.record(terminalEvent(session, 'terminal_opened', { address: caller.address }));
      } catch (error) {
        session.terminal.end(endFor('internal_error', 'The terminal could not be opened.'));
        this.#await(session.terminal.released);
        throw error;
      }
      void session.terminal.ended.then((end) => this.#ended(session, end));
      return session;
    });
  }

  /** The session with this id, whoever may use it. */
  find(id: string): OpenSession | undefined {
    return this.#registry.get(id);
  }

  /** @throws ProblemError `not_found`, also for sessions that the caller may not work on */
  get(caller: Scope, id: string): OpenSession {
    const session = this.#registry.get(id);
    if (session !== undefined && isInScope(caller, session.ownerId)) return session;
    throw new ProblemError('not_found', {
      detail: 'There is no such terminal session, or it has ended. Open a new one.',
    });
  }

  /** The sessions that the caller may work on, newest first. */
  list(caller: Scope, { jobName, namespace }: SessionFilter): OpenSession[] {
    return this.#registry
      .all()
      .filter(({ ownerId }) => isInScope(caller, ownerId))
      .filter(({ target }) => jobName === undefined || target.jobName === jobName)
      .filter(({ target }) => namespace === undefined || target.namespace === namespace)
      .reverse();
  }

  /** Ends a session because somebody asked for it. */
  end({ terminal }: OpenSession): void {
    terminal.end(endFor('session_ended', 'The session was ended.'));
  }

  /** Ends what has waited or lasted too long, and looks at rights that have run out. To be called often. */
  sweep(now = Date.now()): void {
    for (const session of this.#registry.all()) {
      const end = this.#overdue(session, now);
      if (end !== undefined) session.terminal.end(end);
      else if (session.visitor?.isExpired(now) === true) void lookAtVisitor(session, now);
    }
  }

  /** A terminal must not outlive the right to it: whoever may not be there any more is sent away. */
  async recheck(now = Date.now()): Promise<void> {
    for (const session of this.#registry.all()) {
      await lookAtVisitor(session, now);
      await lookAtOwner(session, now);
    }
  }

  /** Nor the Job it looks into, nor the owner's right to that. */
  async recheckJobs(): Promise<void> {
    for (const session of this.#registry.all()) await lookAtJob(session, this.parts.jobs);
  }

  /** Ends all sessions and waits until their shells are gone. Nothing can be opened any more. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const sessions = this.#registry.all();
    for (const { terminal } of sessions) terminal.end(endFor('shutting_down', shutdownMessage));
    const released = [...sessions.map(({ terminal }) => terminal.released), ...this.#leaving];
    const late = new AbortController();
    await Promise.race([
      Promise.all(released),
      sleep(leavingMs, undefined, { signal: late.signal }).catch(() => undefined),
    ]);
    late.abort();
    await this.parts.audit.flush();
  }

  #await(gone: Promise<void>): void {
    this.#leaving.add(gone);
    void gone.then(() => this.#leaving.delete(gone));
  }

  #make(right: Right, target: Target, deploymentId: string, shell: Shell): OpenSession {
    const { id: order, createdAt: openedAt } = newId();
    const { api, limits } = this.parts;
    return {
      id: randomBytes(24).toString('base64url'),
      order,
      ownerId: right.userId,
      rights: new Map([[right.userId, right]]),
      visitor: undefined,
      target,
      deploymentId,
      shell: shell.path,
      openedAt,
      expiresAt: new Date(openedAt.getTime() + limits.maxMs),
      terminal: new TerminalSession({
        shell,
        explain: (exit: ExecExit) => explainExit(api, target, exit),
      }),
    };
  }

  #ended(session: OpenSession, end: SessionEnd): void {
    this.#await(session.terminal.released);
    const details = { reason: end.reason, exit_code: end.exitCode };
    this.parts.audit.note(terminalEvent(session, 'terminal_ended', details));
    this.parts.onEnded?.(end);
  }

  #overdue({ expiresAt, terminal }: OpenSession, now: number): SessionEnd | undefined {
    const { idleMs, detachedMs, maxMs } = this.parts.limits;
    if (now >= expiresAt.getTime()) {
      return endFor('time_limit', `A terminal lasts ${inWords(maxMs)} at most.`);
    }
    const detachedFor = terminal.detachedAt === undefined ? 0 : now - terminal.detachedAt;
    if (detachedFor >= detachedMs) {
      return endFor('idle_timeout', `Nobody came back within ${inWords(detachedMs)}.`);
    }
    if (now - terminal.lastActiveAt >= idleMs) {
      return endFor('idle_timeout', `Nothing was typed or shown for ${inWords(idleMs)}.`);
    }
    return undefined;
  }

  #assertOpen(): void {
    if (!this.#stopping) return;
    throw new ProblemError('unavailable', {
      detail: 'The service is shutting down. Try again shortly.',
      retryAfter: 2,
    });
  }
}

function inWords(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds % 3_600 === 0) return `${seconds / 3_600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
