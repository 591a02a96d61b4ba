import { setTimeout as sleep } from 'node:timers/promises';
import type { LogGapEvent } from '@cloudemy/contracts';
import {
  type KubeApi,
  KubeApiError,
  KubeConnectionError,
  LogUnavailableError,
  type Pod,
  openLog,
  readPod,
} from '@cloudemy/k8s';
import { type ContainerLife, containerLife } from './container-state.js';
import type { Cursor, LogSource, Position } from './cursor.js';
import { gapOf } from './gap.js';
import type { JobWatch } from './job-watch.js';
import { type LineBatch, readLineBatches } from './line-batches.js';
import { missingBeginning } from './missing-beginning.js';
import { PositionedLines } from './positioned-lines.js';

/** From where a log is read when nothing was read of it yet. */
export interface Beginning {
  tail?: number | undefined;
  sinceSeconds?: number | undefined;
  sinceTime?: string | undefined;
}

export interface ContainerLines {
  source: LogSource;
  restarts: number;
  batch: LineBatch;
  /** How far the log was read with these. */
  position: Position;
}

export interface FollowContainer {
  api: KubeApi;
  watch: JobWatch;
  pod: Pod;
  source: LogSource;
  beginning: Beginning;
  cursor: Cursor;
  /** Takes lines, and their position into the cursor; the log waits until it is done with them. */
  emit: (lines: ContainerLines) => Promise<void>;
  /** Takes word of lines that are missing before the next. */
  emitGap: (gap: LogGapEvent) => Promise<void>;
  onOpen: () => void;
  onClose: () => void;
  signal: AbortSignal;
}

/** How one reading of a log ended. */
type Ended =
  /** As the log does: its container has ended, or it was read as far as it goes. */
  | 'complete'
  /** No line came for a while. */
  | 'silent'
  /** The container runs again, which the watch has not told yet. */
  | 'restarted'
  /** There is no log to read at the moment. */
  | 'unavailable'
  /** Its node says that it has none. */
  | 'lost';

/** Milliseconds until a log that broke off is opened again, and at most between two looks at a container. */
const reopenMs = 250;
const lookMs = 5_000;

/**
 * Milliseconds without a line after which a log is opened again, and at most. A kubelet leaves a reader who was behind
 * when it rotated the log at the end of the old file; only a new request is given the new one.
 */
const silentMs = 3_000;
const longestSilentMs = 60_000;

/** Times that the node of a container that is over is asked for a log that it says it has not. */
const mostTries = 5;
const betweenTriesMs = 1_000;

/**
 * Reads a container's log from its beginning to its end, over restarts of the container, of its kubelet, and breaks of
 * the connection: every line once, and word of those that the cluster no longer has.
 *
 * @throws KubeApiError when the cluster refuses; the signal's reason
 */
export async function followContainer(job: FollowContainer): Promise<void> {
  await new ContainerFollower(job).follow();
}

class ContainerFollower {
  /** The latest run that the watch had told to be over before its log was read to an end. */
  #over = -1;
  /** The run up to which earlier ones were caught up with. */
  #caughtUp = -1;
  #silentMs = silentMs;
  #tries = 0;
  #hasLines = false;
  /** Lines are on their way to the reader, who may take their time. */
  #isEmitting = false;

  private readonly job: FollowContainer;

  constructor(job: FollowContainer) {
    this.job = job;
  }

  async follow(): Promise<void> {
    const { watch, source, signal } = this.job;
    const { uid = '' } = this.job.pod.metadata;
    for (;;) {
      const { version } = watch;
      const pod = watch.pod(uid);
      // A pod that is gone has no log any more; what it wrote was read while it was there.
      if (pod === undefined) return;
      const life = containerLife(pod, source.container);
      if (!life.hasStarted || (life.isDown && !life.isOver && life.restarts === this.#over)) {
        if (life.isOver) return;
        await watch.changed(version, lookMs, signal);
        continue;
      }
      if (!life.isDown) await this.#catchUp(life);
      const ended = await this.#read({ follow: true }, life);
      if (ended === 'complete' && life.isOver) return;
      if (ended === 'lost' && life.isOver && (await this.#giveUp(life))) return;
      // Until the watch tells that it has ended, a container looks as if it ran.
      if (ended === 'complete' && life.isDown) this.#over = life.restarts;
      if (ended !== 'silent') await watch.changed(version, reopenMs, signal);
    }
  }

  /** Reads what is left of the run before, and tells of runs that left nothing. */
  async #catchUp(life: ContainerLife): Promise<void> {
    const { cursor, source, emitGap } = this.job;
    const { restarts } = life;
    const from = cursor.get(source);
    if (from?.run === undefined || from.run >= restarts || this.#caughtUp >= restarts) return;
    if (from.run < restarts - 1) await emitGap(gapOf('run_gone', source, from.run, from));
    await this.#read({ previous: true }, { ...life, restarts: restarts - 1, isOver: true });
    this.#caughtUp = restarts;
  }

  /** Whether a log that its node has not is to be given up, which its reader is then told. */
  async #giveUp({ restarts }: ContainerLife): Promise<boolean> {
    const { cursor, source, emitGap, signal } = this.job;
    this.#tries += 1;
    if (this.#tries < mostTries) {
      await sleep(betweenTriesMs, undefined, { signal });
      return false;
    }
    await emitGap(gapOf('log_lost', source, restarts, cursor.get(source)));
    return true;
  }

  /** @param life of the run that is to be read, as far as the watch tells, which can be behind */
  async #read(which: { previous?: boolean; follow?: boolean }, life: ContainerLife): Promise<Ended> {
    const { api, pod, source, beginning, cursor, onOpen, onClose, signal } = this.job;
    const where = { namespace: pod.metadata.namespace ?? '', pod: source.pod, container: source.container };
    const from = cursor.get(source);
    const range =
      from === undefined
        ? { tailLines: beginning.tail, sinceSeconds: beginning.sinceSeconds, sinceTime: beginning.sinceTime }
        : { sinceTime: from.time };
    try {
      const log = await openLog(api, { ...where, ...which, ...range, timestamps: true }, signal);
      onOpen();
      const silence = setTimeout(() => {
        // A log that is over ends by itself, however long its node takes to find the place.
        if (!this.#isEmitting && !life.isOver) log.destroy(new Silence());
      }, this.#silentMs);
      try {
        return await this.#emitLines(readLineBatches(log), life, silence, which.previous === true);
      } finally {
        this.#isEmitting = false;
        clearTimeout(silence);
        log.destroy();
        onClose();
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Silence)) return this.#unread(error);
      this.#silentMs = Math.min(this.#silentMs * 2, longestSilentMs);
      return 'silent';
    }
  }

  async #emitLines(
    batches: AsyncIterable<LineBatch>,
    life: ContainerLife,
    silence: NodeJS.Timeout,
    isPrevious: boolean,
  ): Promise<Ended> {
    const { source, cursor, emit, emitGap } = this.job;
    const { restarts } = life;
    const from = cursor.get(source);
    // Of a later run nothing was read: that it does not hold the last line is as it should be.
    const isSameRun = from !== undefined && (from.run ?? restarts) === restarts;
    const reader = new PositionedLines(restarts, from);
    let hasGap = false;
    for await (const batch of batches) {
      this.#tries = 0;
      const fresh = reader.take(batch);
      silence.refresh();
      if (fresh === undefined || reader.position === undefined) continue;
      if (from === undefined && !this.#hasLines) await this.#checkBeginning(fresh, life);
      this.#isEmitting = true;
      if (isSameRun && reader.hasLostPlace && !hasGap) {
        if (!life.isOver && (await this.#hasRestarted(restarts))) return 'restarted';
        await emitGap(gapOf('rotated', source, restarts, from, fresh.times[0]));
        hasGap = true;
      }
      await emit({ source, restarts, batch: fresh, position: reader.position });
      this.#hasLines = true;
      this.#isEmitting = false;
      this.#silentMs = silentMs;
      silence.refresh();
    }
    if (isSameRun && life.isOver && !isPrevious && reader.hasLostPlace && !hasGap) {
      await emitGap(gapOf('rotated', source, restarts, from));
    }
    return 'complete';
  }

  async #checkBeginning({ lines, times }: LineBatch, life: ContainerLife): Promise<void> {
    const { beginning, source, emitGap } = this.job;
    const [from = '', to = ''] = [times[0], times.at(-1)];
    const isWhole = Object.values(beginning).every((option) => option === undefined);
    const bytes = lines.reduce((sum, line) => sum + line.length + 1, 0);
    if (!isWhole || missingBeginning({ bytes, from, to }, life.startedAt) === undefined) return;
    await emitGap(gapOf('beginning', source, life.restarts, undefined, from));
  }

  /** Asks the cluster, for the watch may not have told yet. */
  async #hasRestarted(run: number): Promise<boolean> {
    const { api, pod, source, signal } = this.job;
    const { namespace = '', uid } = pod.metadata;
    const now = await readPod(api, namespace, source.pod, { signal });
    return (
      now?.metadata.uid === uid && now !== undefined && containerLife(now, source.container).restarts > run
    );
  }

  /** What it means that a log could not be opened, or broke off. */
  async #unread(error: unknown): Promise<Ended> {
    if (error instanceof LogUnavailableError) {
      if (error.code === 'pod_missing' || error.code === 'no_previous') return 'complete';
      return error.code === 'log_lost' || error.code === 'pod_unknown' ? 'lost' : 'unavailable';
    }
    const mayPass = !(error instanceof KubeApiError) || error.status === 429 || error.status >= 500;
    if (!mayPass) throw error;
    // The connection broke, or the node does not answer: what is missing is read when it does.
    const { signal } = this.job;
    await sleep(error instanceof KubeConnectionError ? reopenMs * 4 : reopenMs, undefined, { signal });
    return 'unavailable';
  }
}

/** Nothing was wrong with the log; it was closed to be opened again. */
class Silence extends Error {
  override readonly name = 'Silence';
}
