import type { AuditEvent, LogEndEvent, LogEvent, LogWaitingEvent } from '@cloudemy/contracts';
import { type KubeApi, findPods } from '@cloudemy/k8s';
import {
  type EventStream,
  type Logger,
  ProblemError,
  type StreamEvent,
  openEventStream,
  whenOver,
} from '@cloudemy/service';
import type { Response } from 'express';
import type { AuditTrail, Happening } from '../audit/audit-trail.js';
import type { Caller } from '../auth/caller.js';
import type { DeployedJob, DeployedJobs } from '../jobs/deployed-jobs.js';
import { type Cursor, endCursor } from './cursor.js';
import { type LogSink, followJob } from './follow-job.js';
import { type LogChoice, choosePods } from './log-choice.js';
import { openPlainLog, sendLog } from './plain-log.js';

export interface LogParts {
  api: KubeApi;
  deployed: DeployedJobs;
  audit: AuditTrail;
  log: Logger;
  /** Followed logs at a time. */
  maxStreams: number;
  /** Of one user. */
  maxStreamsPerUser: number;
}

/** Sends the logs of deployed Jobs. */
export class Logs {
  readonly #stopping = new AbortController();
  #streams = 0;
  /** By user. */
  readonly #ofUser = new Map<string, number>();

  private readonly parts: LogParts;

  constructor(parts: LogParts) {
    this.parts = parts;
  }

  /** Logs that are followed now. */
  get streams(): number {
    return this.#streams;
  }

  /** @throws ProblemError `not_found`, `invalid_request`, `log_not_available`, `namespace_not_served` */
  async sendPlain(caller: Caller, choice: LogChoice, res: Response, signal: AbortSignal): Promise<void> {
    const { api, deployed, audit } = this.parts;
    const found = await deployed.find(caller, choice.namespace, choice.jobName, signal);
    const pods = await findPods(api, found.job, { signal });
    const text = await openPlainLog(api, found, pods, choice, signal);
    audit.note(reading('log_read', caller, choice, found));
    res.status(200).set({ 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' });
    // Each step of the stream listens for its end, besides all that stands before a route.
    res.setMaxListeners(20);
    await sendLog(text, res, signal);
  }

  /**
   * Sends Server-Sent Events until the Job has ended or the reader has left.
   *
   * @throws ProblemError `not_found`, `invalid_request`, `rate_limited`, `namespace_not_served`
   */
  async sendFollowed(
    caller: Caller,
    choice: LogChoice,
    resume: Cursor | undefined,
    res: Response,
    gone: AbortSignal,
  ): Promise<void> {
    const { api, deployed, audit, log } = this.parts;
    const { userId } = caller.actor;
    this.#assertRoom(userId);
    this.#count(userId, 1);
    try {
      const found = await deployed.find(caller, choice.namespace, choice.jobName, gone);
      // What is wrong with the choice is said before the stream begins.
      choosePods(await findPods(api, found.job, { signal: gone }), choice);
      const stream = openEventStream(res);
      audit.note(reading('log_read', caller, choice, found));
      // The reader may leave, and the answer may be ended for them when their right to it ends.
      const over = new AbortController();
      whenOver(res, () => over.abort());
      const signal = AbortSignal.any([gone, over.signal, this.#stopping.signal]);
      const sink = new EventSink(stream, () => over.abort());
      try {
        await sink.end(await followJob({ api, found, choice, resume, sink, log, signal }));
      } catch (error) {
        if (gone.aborted || over.signal.aborted) return;
        if (!this.#stopping.signal.aborted) throw error;
        await sink.pause();
      } finally {
        audit.note(reading('log_left', caller, choice, found));
      }
      stream.end();
    } finally {
      this.#count(userId, -1);
    }
  }

  #assertRoom(userId: string): void {
    const { maxStreams, maxStreamsPerUser } = this.parts;
    if (this.#streams >= maxStreams) {
      throw full(`${maxStreams} logs are followed already, as many as this service allows. Try again later.`);
    }
    if ((this.#ofUser.get(userId) ?? 0) >= maxStreamsPerUser) {
      throw full(`You follow ${maxStreamsPerUser} logs already, as many as you may. Close one.`);
    }
  }

  #count(userId: string, change: 1 | -1): void {
    this.#streams += change;
    const own = (this.#ofUser.get(userId) ?? 0) + change;
    if (own === 0) this.#ofUser.delete(userId);
    else this.#ofUser.set(userId, own);
  }

  /** Tells every reader that this service stops, and where to go on. */
  stop(): void {
    this.#stopping.abort();
  }
}

const full = (detail: string): ProblemError => new ProblemError('rate_limited', { detail, retryAfter: 10 });

const reading = (
  event: AuditEvent,
  { actor, address }: Caller,
  { namespace, jobName, pod, container }: LogChoice,
  { deploymentId }: DeployedJob,
): Happening => ({
  event,
  user_id: actor.userId,
  address,
  namespace,
  deployment_id: deploymentId,
  job_name: jobName,
  pod_name: pod ?? null,
  container_name: container ?? null,
});

class EventSink implements LogSink {
  private readonly stream: EventStream;
  private readonly onOver: () => void;

  /** @param onOver called when nothing more reaches the reader */
  constructor(stream: EventStream, onOver: () => void) {
    this.stream = stream;
    this.onOver = onOver;
  }

  async log(event: LogEvent, cursor: Cursor): Promise<void> {
    await this.#send({ event: 'log', id: cursor.encode(), data: JSON.stringify(event) });
  }

  async waiting(event: LogWaitingEvent): Promise<void> {
    await this.#send({ event: 'waiting', data: JSON.stringify(event) });
  }

  async end(event: LogEndEvent): Promise<void> {
    await this.#send({ event: 'end', id: endCursor, data: JSON.stringify(event) });
  }

  /** Without an id: a reader that connects again goes on where it was. */
  async pause(): Promise<void> {
    const event: LogEndEvent = {
      outcome: 'shutdown',
      reason: 'shutting_down',
      message: 'the deployer is stopping: connect again to go on',
    };
    await this.#send({ event: 'end', data: JSON.stringify(event) });
  }

  async #send(event: StreamEvent): Promise<void> {
    if (!(await this.stream.send(event))) this.onOver();
  }
}
