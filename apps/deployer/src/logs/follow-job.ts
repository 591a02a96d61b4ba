import type { LogEndEvent, LogEvent, LogWaitingEvent } from '@cloudemy/contracts';
import { type JobOutcome, type KubeApi, type Pod, describeJob } from '@cloudemy/k8s';
import type { Logger } from '@cloudemy/service';
import type { DeployedJob } from '../jobs/deployed-jobs.js';
import { outcomeOf } from '../jobs/outcome.js';
import { containerLife } from './container-state.js';
import { Cursor } from './cursor.js';
import { type ContainerLines, followContainer } from './follow-container.js';
import { JobWatch } from './job-watch.js';
import { type LogChoice, chooseContainers, choosePods } from './log-choice.js';

/** Where a followed log goes. A call resolves when there is room for the next. */
export interface LogSink {
  log(event: LogEvent, cursor: Cursor): Promise<void>;
  waiting(event: LogWaitingEvent): Promise<void>;
}

export interface FollowJob {
  api: KubeApi;
  found: DeployedJob;
  choice: LogChoice;
  /** How far an earlier connection got. */
  resume: Cursor | undefined;
  sink: LogSink;
  log: Logger;
  signal: AbortSignal;
}

/** Milliseconds between two looks at what keeps a Job from starting; its events are not watched. */
const lookMs = 2_000;

/**
 * Follows the logs of a Job: all its pods as they come and go, until it has ended and all is read.
 *
 * @returns how it ended
 * @throws ProblemError for a pod or container that the Job does not have; the signal's reason
 */
export async function followJob(options: FollowJob): Promise<LogEndEvent> {
  const { api, found, log, signal } = options;
  const watch = new JobWatch(api, found.job, found.uid, (error) => {
    log.debug({ err: error, job: found.job.metadata.name }, 'watching a Job failed, trying again');
  });
  const stop = new AbortController();
  const run = new JobFollower(options, watch, AbortSignal.any([signal, stop.signal]));
  try {
    await watch.synced(signal);
    return await run.follow();
  } finally {
    stop.abort();
    await watch.stop();
    await run.settled();
  }
}

class JobFollower {
  readonly #cursor: Cursor;
  /** By uid of the pod and name of the container. */
  readonly #containers = new Map<string, Promise<void>>();
  #open = 0;
  #bytesLeft: number;
  #lastWaiting = '';
  #failure: Error | undefined;
  /** Lines of many containers go to one reader, one event at a time. */
  #sending: Promise<void> = Promise.resolve();

  private readonly options: FollowJob;
  private readonly watch: JobWatch;
  private readonly signal: AbortSignal;

  constructor(options: FollowJob, watch: JobWatch, signal: AbortSignal) {
    this.options = options;
    this.watch = watch;
    this.signal = signal;

    this.#cursor = options.resume ?? new Cursor();
    this.#bytesLeft = options.choice.limitBytes ?? Number.POSITIVE_INFINITY;
  }

  async follow(): Promise<LogEndEvent> {
    const { choice } = this.options;
    const isFirst = this.options.resume === undefined;
    for (const pod of choosePods(this.watch.pods, choice)) this.#join(pod, isFirst);
    for (;;) {
      const { version, job, pods } = this.watch;
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#bytesLeft <= 0) return limitReached;
      for (const pod of pods.filter((one) => this.#isMeant(one))) this.#join(pod, false);
      this.#cursor.settle(Math.max(0, ...pods.map(createdAt)));
      if (job === undefined) {
        await this.settled();
        return this.#failure === undefined ? deleted : this.#fail();
      }
      const outcome = describeJob(job, pods);
      if (outcome.finished) return this.#finish(outcome);
      if (choice.pod !== undefined && this.#isOver(choice.pod)) {
        await this.settled();
        return {
          outcome: 'container_ended',
          reason: outcome.reason,
          message: `the pod ${choice.pod} has ended; ${outcome.message}`,
        };
      }
      if (this.#open === 0) await this.#tellWaiting(outcome);
      await this.watch.changed(version, lookMs, this.signal);
    }
  }

  /** Resolves when every container's log was read to its end, or given up. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#containers.values());
  }

  async #finish(outcome: JobOutcome): Promise<LogEndEvent> {
    await this.watch.listPods(this.signal);
    for (const pod of this.watch.pods.filter((one) => this.#isMeant(one))) this.#join(pod, false);
    await this.settled();
    if (this.#failure !== undefined) this.#fail();
    if (this.#bytesLeft <= 0) return limitReached;
    return {
      outcome: outcome.phase === 'succeeded' ? 'succeeded' : 'failed',
      reason: outcome.reason,
      message: outcome.message,
    };
  }

  #fail(): never {
    throw this.#failure ?? new Error('following a log failed');
  }

  #isMeant({ metadata }: Pod): boolean {
    const { pod } = this.options.choice;
    return pod === undefined || metadata.name === pod;
  }

  #isOver(podName: string): boolean {
    const pod = this.watch.pods.find(({ metadata }) => metadata.name === podName);
    return (
      pod === undefined ||
      chooseContainers(pod, this.options.choice).every(({ name }) => containerLife(pod, name).isOver)
    );
  }

  /** Begins to follow the containers of a pod, if that has not happened yet. */
  #join(pod: Pod, isFirst: boolean): void {
    const { api, choice } = this.options;
    for (const { name } of chooseContainers(pod, choice)) {
      const key = `${pod.metadata.uid ?? ''}/${name}`;
      if (this.#containers.has(key)) continue;
      const source = { pod: pod.metadata.name ?? '', created: createdAt(pod), container: name };
      if (this.#cursor.wasRead(source) && containerLife(pod, name).isOver) {
        this.#containers.set(key, Promise.resolve());
        continue;
      }
      this.#cursor.begin(source);
      const following = followContainer({
        api,
        watch: this.watch,
        pod,
        source,
        // Of what came up later every line is wanted, not only the last ones.
        beginning: {
          sinceTime: choice.sinceTime,
          ...(isFirst ? { tail: choice.tail, sinceSeconds: choice.sinceSeconds } : {}),
        },
        emit: (lines) => this.#emit(lines),
        cursor: this.#cursor,
        onOpen: () => {
          this.#open += 1;
          this.#lastWaiting = '';
        },
        onClose: () => {
          this.#open -= 1;
        },
        signal: this.signal,
      });
      this.#containers.set(
        key,
        following.then(
          () => this.#cursor.finish(source),
          (error: unknown) => {
            if (!this.signal.aborted)
              this.#failure ??= error instanceof Error ? error : new Error(String(error));
          },
        ),
      );
    }
  }

  async #emit(lines: ContainerLines): Promise<void> {
    const turn = this.#sending.then(() => this.#send(lines));
    this.#sending = turn.catch(() => undefined);
    await turn;
  }

  async #send({ source, restarts, batch, position }: ContainerLines): Promise<void> {
    this.signal.throwIfAborted();
    if (this.#bytesLeft <= 0) return;
    const lines = this.#withinLimit(batch.lines);
    this.#cursor.set(source, position);
    const event: LogEvent = {
      pod: source.pod,
      container: source.container,
      restarts,
      timestamp: batch.times[lines.length - 1] ?? '',
      lines,
      ...(this.options.choice.timestamps ? { timestamps: batch.times.slice(0, lines.length) } : {}),
      ...(batch.continues ? { continues: true } : {}),
    };
    await this.options.sink.log(event, this.#cursor);
  }

  #withinLimit(lines: string[]): string[] {
    if (this.#bytesLeft === Number.POSITIVE_INFINITY) return lines;
    const taken: string[] = [];
    for (const line of lines) {
      if (this.#bytesLeft <= 0) break;
      const bytes = Buffer.from(line);
      taken.push(
        bytes.length <= this.#bytesLeft ? line : new TextDecoder().decode(bytes.subarray(0, this.#bytesLeft)),
      );
      this.#bytesLeft -= bytes.length + 1;
    }
    return taken;
  }

  async #tellWaiting(calm: JobOutcome): Promise<void> {
    const { api, sink } = this.options;
    const { job, pods } = this.watch;
    if (job === undefined || calm.phase === 'succeeded' || calm.phase === 'running') return;
    const outcome = await outcomeOf(api, job, pods, this.signal);
    const event: LogWaitingEvent = {
      reason: outcome.reason,
      message: outcome.message,
      pod: outcome.pod ?? null,
      container: outcome.container ?? null,
    };
    const words = JSON.stringify(event);
    if (words === this.#lastWaiting) return;
    this.#lastWaiting = words;
    await sink.waiting(event);
  }
}

const createdAt = ({ metadata }: Pod): number => Date.parse(metadata.creationTimestamp ?? '') / 1_000 || 0;

const limitReached: LogEndEvent = {
  outcome: 'limit_reached',
  reason: 'limit_bytes',
  message: 'as many bytes as were asked for have been sent',
};

const deleted: LogEndEvent = { outcome: 'deleted', reason: 'job_deleted', message: 'the Job was deleted' };
