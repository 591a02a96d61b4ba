import { setTimeout as sleep } from 'node:timers/promises';
import {
  type KubeApi,
  KubeApiError,
  KubeConnectionError,
  LogUnavailableError,
  type Pod,
  openLog,
} from '@cloudemy/k8s';
import { containerLife } from './container-state.js';
import type { Cursor, LogSource, Position } from './cursor.js';
import type { JobWatch } from './job-watch.js';
import { type LineBatch, readLineBatches } from './line-batches.js';
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
  onOpen: () => void;
  onClose: () => void;
  signal: AbortSignal;
}

/** Milliseconds until a log that broke off is opened again, and at most between two looks at a container. */
const reopenMs = 250;
const lookMs = 5_000;

/**
 * Reads a container's log from its beginning to its end, over restarts of the container and breaks of the
 * connection, every line once.
 *
 * @throws KubeApiError when the cluster refuses; the signal's reason
 */
export async function followContainer(job: FollowContainer): Promise<void> {
  const { watch, source, signal } = job;
  const { pod: podName, container } = source;
  const { namespace = '', uid = '' } = job.pod.metadata;
  // The latest run whose log was read to an end, and the latest that the watch had told to be over before.
  let latest = -1;
  let over = -1;
  for (;;) {
    const { version } = watch;
    const pod = watch.pod(uid);
    const life = pod === undefined ? undefined : containerLife(pod, container);
    // A pod that is gone has no log any more; what it wrote was read while it was there.
    if (life === undefined) return;
    if (!life.hasStarted || (life.isDown && !life.isOver && life.restarts === over)) {
      if (life.isOver) return;
      await watch.changed(version, lookMs, signal);
      continue;
    }
    const missedRun = latest >= 0 && life.restarts > latest + 1;
    const where = { namespace, pod: podName, container };
    if (missedRun) await readRun(job, where, { previous: true }, life.restarts - 1, latest);
    const run = await readRun(job, where, { follow: true }, Math.max(life.restarts, latest), latest);
    if (run !== undefined && life.isOver) return;
    if (run !== undefined) latest = run;
    // Until the watch tells that it has ended, a container looks as if it ran.
    if (run !== undefined && life.isDown) over = life.restarts;
    await watch.changed(version, reopenMs, signal);
  }
}

/**
 * @param run which run it is as far as the watch tells, which can be behind
 * @param latest the run whose log was read to an end last; -1 for none
 * @returns the run whose log was read to its end; undefined when it was not
 */
async function readRun(
  { api, source, beginning, cursor, emit, onOpen, onClose, signal }: FollowContainer,
  where: { namespace: string; pod: string; container: string },
  which: { previous?: boolean; follow?: boolean },
  run: number,
  latest: number,
): Promise<number | undefined> {
  let restarts = run;
  const from = cursor.get(source);
  const range =
    from === undefined
      ? { tailLines: beginning.tail, sinceSeconds: beginning.sinceSeconds, sinceTime: beginning.sinceTime }
      : { sinceTime: from.time };
  try {
    const log = await openLog(api, { ...where, ...which, ...range, timestamps: true }, signal);
    onOpen();
    try {
      const reader = new PositionedLines(from);
      for await (const batch of readLineBatches(log)) {
        const fresh = reader.take(batch);
        // It was started again before the watch told so.
        if (reader.isOfAnotherRun) restarts = Math.max(run, latest + 1);
        if (fresh === undefined || reader.position === undefined) continue;
        await emit({ source, restarts, batch: fresh, position: reader.position });
      }
    } finally {
      onClose();
    }
    return restarts;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof LogUnavailableError)
      return error.code === 'pod_missing' || error.code === 'no_previous' ? restarts : undefined;
    const mayPass = !(error instanceof KubeApiError) || error.status === 429 || error.status >= 500;
    if (!mayPass) throw error;
    // The connection broke, or the node does not answer: what is missing is read when it does.
    await sleep(error instanceof KubeConnectionError ? reopenMs * 4 : reopenMs, undefined, { signal });
    return undefined;
  }
}
