import type { LogEndEvent, LogEvent, LogGapEvent, LogWaitingEvent } from '@cloudemy/contracts';
import { type JobOutcome, type KubeApi, type Pod, describeJob } from '@cloudemy/k8s';
import type { Logger } from '@cloudemy/service';
import type { DeployedJob } from '../jobs/deployed-jobs.js';
import { outcomeOf } from '../jobs/outcome.js';
import { containerLife } from './container-state.js';
import { Cursor, endCursor } from './cursor.js';
import { type ContainerLines, followContainer } from './follow-container.js';
import { Handover } from './handover.js';
import { JobWatch } from './job-watch.js';
import type { LogItem } from './log-item.js';
import { type LogChoice, chooseContainers, choosePods } from './log-choice.js';

export interface FollowJob {
  api: KubeApi;
  found: DeployedJob;
  choice: LogChoice;
  /** How far an earlier connection got. */
  resume: Cursor | undefined;
  log: Logger;
  signal: AbortSignal;
}

/** Milliseconds between two looks at what keeps a Job from starting; its events are not watched. */
const lookMs = 2_000;

/**
 * Follows the logs of a Job: all its pods as they come and go, until it has ended and all is read. Goes on as fast as
 * what it says is taken.
 *
 * @throws ProblemError for a pod or container that the Job does not have; the signal's reason
 */
export async function* followJob(options: FollowJob): AsyncGenerator<LogItem> {
  const { api, found, log } = options;
  const watch = new JobWatch(api, found.job, found.uid, (error) => {
    log.debug({ err: error, job: found.job.metadata.name }, 'watching a Job failed, trying again');
  });
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const items = new Handover<LogItem>();
  const run = new JobFollower(options, watch, items, signal);
  const follow = async (): Promise<void> => {
    await watch.synced(signal);
    const data = await run.follow();
    await items.put(() => ({ kind: 'end', id: endCursor, data }), signal);
  };
  const following = follow().then(
    () => items.end(),
    (error: unknown) => items.fail(error),
  );
  try {
    yield* items;
  } finally {
    stop.abort();
    await watch.stop();
    await run.settled();
    await following;
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

  private readonly options: FollowJob;
  private readonly watch: JobWatch;
  private readonly items: Handover<LogItem>;
  private readonly signal: AbortSignal;

  constructor(options: FollowJob, watch: JobWatch, items: Handover<LogItem>, signal: AbortSignal) {
    this.options = options;
    this.watch = watch;
    this.items = items;
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
        emitGap: (data: LogGapEvent) => this.items.put(() => ({ kind: 'gap', data }), this.signal),
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

  async #emit({ source, restarts, batch, position }: ContainerLines): Promise<void> {
    this.signal.throwIfAborted();
    if (this.#bytesLeft <= 0) return;
    const lines = this.#withinLimit(batch.lines);
    const data: LogEvent = {
      pod: source.pod,
      container: source.container,
      restarts,
      timestamp: batch.times[lines.length - 1] ?? '',
      lines,
      ...(this.options.choice.timestamps ? { timestamps: batch.times.slice(0, lines.length) } : {}),
      ...(batch.continues ? { continues: true } : {}),
    };
    const cursor = this.#cursor;
    await this.items.put(() => {
      // Several containers wait for their turn: an id tells of what was handed over before it alone.
      cursor.set(source, position);
      return { kind: 'log', id: cursor.encode(), data };
    }, this.signal);
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
    const { api } = this.options;
    const { job, pods } = this.watch;
    if (job === undefined || calm.phase === 'succeeded' || calm.phase === 'running') return;
    const outcome = await outcomeOf(api, job, pods, this.signal);
    const data: LogWaitingEvent = {
      reason: outcome.reason,
      message: outcome.message,
      pod: outcome.pod ?? null,
      container: outcome.container ?? null,
    };
    const words = JSON.stringify(data);
    if (words === this.#lastWaiting) return;
    this.#lastWaiting = words;
    await this.items.put(() => ({ kind: 'waiting', data }), this.signal);
  }
}

const createdAt = ({ metadata }: Pod): number => Date.parse(metadata.creationTimestamp ?? '') / 1_000 || 0;

const limitReached: LogEndEvent = {
  outcome: 'limit_reached',
  reason: 'limit_bytes',
  message: 'as many bytes as were asked for have been sent',
};

const deleted: LogEndEvent = { outcome: 'deleted', reason: 'job_deleted', message: 'the Job was deleted' };
