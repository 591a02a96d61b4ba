import type { Pod } from '../../kubelet/pod.js';
import { isPod } from '../../kubelet/pod.js';
import { ApiError } from '../../store/api-error.js';
import type { ObjectStore, StoreEvent } from '../../store/object-store.js';
import { millis } from '../clock.js';
import { EventRecorder } from '../event-recorder.js';
import { keyOf } from '../owner-controller.js';
import { controllerOf } from '../ownership.js';
import type { PodIndex } from '../pod-index.js';
import type { Timing } from '../timing.js';
import { WorkQueue } from '../work-queue.js';
import type { PodCounts } from './pod-counts.js';
import { completionIndex, countPods } from './pod-counts.js';
import { FailureBackoff } from './failure-backoff.js';
import { newJobPod } from './job-pod.js';
import { writeCounts, writeProgress } from './job-status.js';
import type { Job } from './job.js';
import { finishedBy, isIndexed, isJob, parallelism, TRACKING_FINALIZER } from './job.js';
import type { Target } from './find-target.js';
import { completedIndexes, deadline, findTarget, succeededInAll } from './find-target.js';

const JOBS = 'jobs.batch';
/** Pods created in one go; the rest follow on the next turn. */
const CREATE_AT_ONCE = 500;

/** Runs Jobs to their end: creates and replaces pods, counts them, and writes status and conditions. */
export class JobController {
  readonly #store: ObjectStore;
  readonly #pods: PodIndex;
  readonly #timing: Timing;
  readonly #events: EventRecorder;
  readonly #queue: WorkQueue;
  readonly #backoff: FailureBackoff;
  readonly #refusals = new Map<string, number>();

  constructor(
    store: ObjectStore,
    pods: PodIndex,
    timing: Timing,
    report: (key: string, error: unknown) => void,
  ) {
    this.#store = store;
    this.#pods = pods;
    this.#timing = timing;
    this.#events = new EventRecorder(store, { component: 'job-controller' });
    this.#backoff = new FailureBackoff(timing);
    this.#queue = new WorkQueue((key) => this.#sync(key), report);
    for (const job of store.list(JOBS)) {
      this.#queue.add(keyOf(job));
    }
  }

  apply(event: StoreEvent): void {
    if (event.resource === JOBS) {
      if (event.type === 'DELETED') {
        this.#backoff.forget(event.object.metadata.uid);
        this.#release(this.#pods.ownedBy(event.object.metadata.uid));
      } else if (!sameButStatus(event)) {
        this.#queue.add(keyOf(event.object));
      }
    } else if (event.resource === 'pods' && isPod(event.object)) {
      this.#podChanged(event.object, event.type);
    }
  }

  close(): void {
    this.#queue.close();
  }

  #podChanged(pod: Pod, type: StoreEvent['type']): void {
    const owner = controllerOf(pod);
    const job = owner?.kind === 'Job' ? this.#store.get(JOBS, pod.metadata.namespace, owner.name) : undefined;
    if (job !== undefined && job.metadata.uid === owner?.uid) {
      this.#queue.addAfter(keyOf(job), type === 'DELETED' ? 0 : this.#timing.jobBatch);
    } else if (type !== 'DELETED') {
      this.#release([pod]);
    }
  }

  /** Gives up tracking: nobody counts these pods any more. */
  #release(pods: readonly Pod[]): void {
    for (const { metadata } of pods) {
      const held = metadata.finalizers?.includes(TRACKING_FINALIZER) ?? false;
      if (held && this.#store.get('pods', metadata.namespace, metadata.name) !== undefined) {
        this.#store.update('pods', metadata.namespace, metadata.name, (draft) => {
          const rest = draft.metadata.finalizers?.filter((item) => item !== TRACKING_FINALIZER) ?? [];
          if (rest.length === 0) {
            delete draft.metadata.finalizers;
          } else {
            draft.metadata.finalizers = rest;
          }
        });
      }
    }
  }

  #sync(key: string): void {
    const [namespace = '', name = ''] = key.split('/');
    const job = this.#store.get(JOBS, namespace, name);
    if (!isJob(job)) {
      return;
    }
    if (job.metadata.deletionTimestamp !== undefined) {
      this.#release(this.#pods.ownedBy(job.metadata.uid));
      return;
    }
    if (finishedBy(job) !== undefined) {
      this.#release(this.#pods.ownedBy(job.metadata.uid));
      this.#expire(job);
      return;
    }
    const now = Date.now();
    const found = this.#count(job);
    const target = findTarget(job, found, now);
    this.#backoff.note(job.metadata.uid, found, now);
    if (target !== undefined) {
      this.#deletePods(job, found.active);
    } else {
      this.#manage(job, found, now);
    }
    this.#record(job, target);
    if (target === undefined && Number.isFinite(deadline(this.#fresh(job)))) {
      this.#queue.addAfter(key, deadline(this.#fresh(job)) - now);
    }
  }

  #fresh(job: Job): Job {
    const stored = this.#store.get(JOBS, job.metadata.namespace, job.metadata.name);
    return isJob(stored) ? stored : job;
  }

  #count(job: Job): PodCounts {
    return countPods(job, this.#pods.ownedBy(job.metadata.uid));
  }

  /** Writes the status in the two steps described at `writeProgress`, and tells of what changed. */
  #record(job: Job, target: Target | undefined): void {
    const { namespace, name } = job.metadata;
    const counts = this.#count(job);
    let switched: ReturnType<typeof writeProgress>;
    this.#store.update(JOBS, namespace, name, (draft) => {
      if (isJob(draft)) {
        switched = writeProgress(draft, counts, target);
      }
    });
    if (switched !== undefined) {
      this.#events.event(job, 'Normal', switched, switched === 'Suspended' ? 'Job suspended' : 'Job resumed');
    }
    this.#release([...counts.succeeded, ...counts.failed]);
    const over = target !== undefined && counts.active.length === 0 && counts.terminating === 0;
    const ended = this.#store.update(JOBS, namespace, name, (draft) => {
      if (isJob(draft)) {
        writeCounts(draft, over ? target : undefined);
      }
    });
    if (over && target.type === 'SuccessCriteriaMet') {
      this.#events.event(ended, 'Normal', 'Completed', 'Job completed');
    } else if (over) {
      this.#events.event(ended, 'Warning', target.reason, target.message);
    }
  }

  /** Brings the number of pods at work to what is wanted. */
  #manage(job: Job, counts: PodCounts, now: number): void {
    const wanted = job.spec.suspend === true ? 0 : this.#wanted(job, counts);
    const surplus = counts.active.length - wanted;
    if (surplus > 0) {
      const least = [...counts.active].sort((left, right) => rank(left) - rank(right)).slice(0, surplus);
      // Pods taken away by the Job itself are no failures: nobody shall count them.
      this.#release(least);
      this.#deletePods(job, least);
      return;
    }
    const waiting = job.spec.podReplacementPolicy === 'Failed' ? counts.terminating : 0;
    const missing = -surplus - waiting;
    if (missing <= 0) {
      return;
    }
    const pause = this.#backoff.remaining(job.metadata.uid, now);
    if (pause > 0) {
      this.#queue.addAfter(keyOf(job), pause);
      return;
    }
    this.#createPods(job, counts, missing);
  }

  #wanted(job: Job, counts: PodCounts): number {
    const succeeded = succeededInAll(job, counts);
    if (job.spec.completions === undefined) {
      return succeeded > 0 ? Math.min(counts.active.length, parallelism(job)) : parallelism(job);
    }
    return Math.max(0, Math.min(parallelism(job), job.spec.completions - succeeded));
  }

  #createPods(job: Job, counts: PodCounts, missing: number): void {
    const indexes = isIndexed(job) ? freeIndexes(job, counts, missing) : undefined;
    const now = Math.min(missing, CREATE_AT_ONCE, indexes?.length ?? missing);
    for (let made = 0; made < now; made += 1) {
      try {
        const pod = this.#store.create('pods', newJobPod(job, indexes?.[made]));
        this.#events.event(job, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
      } catch (error) {
        if (!(error instanceof ApiError)) {
          throw error;
        }
        this.#refused(job, error);
        return;
      }
    }
    this.#refusals.delete(job.metadata.uid);
    if (missing > now) {
      this.#queue.add(keyOf(job));
    }
  }

  #refused(job: Job, error: ApiError): void {
    const before = this.#refusals.get(job.metadata.uid) ?? 0;
    this.#refusals.set(job.metadata.uid, before + 1);
    this.#events.event(job, 'Warning', 'FailedCreate', `Error creating: ${error.message}`);
    const pause = Math.min(this.#timing.createRetry * 2 ** before, this.#timing.createRetryMax);
    this.#queue.addAfter(keyOf(job), pause);
  }

  #deletePods(job: Job, pods: readonly Pod[]): void {
    for (const { metadata } of pods) {
      this.#store.delete('pods', metadata.namespace, metadata.name, { preconditions: { uid: metadata.uid } });
      this.#events.event(job, 'Normal', 'SuccessfulDelete', `Deleted pod: ${metadata.name}`);
    }
  }

  /** ttlSecondsAfterFinished, counted from the second in which the Job ended. */
  #expire(job: Job): void {
    const ttl = job.spec.ttlSecondsAfterFinished;
    if (ttl === undefined) {
      return;
    }
    const end = millis(job.status?.completionTime ?? finishedBy(job)?.lastTransitionTime);
    const left = end + ttl * 1000 - Date.now();
    if (left > 0) {
      this.#queue.addAfter(keyOf(job), left);
      return;
    }
    this.#store.delete(JOBS, job.metadata.namespace, job.metadata.name, {
      propagationPolicy: 'Foreground',
      preconditions: { uid: job.metadata.uid },
    });
  }
}

/** The controller's own writes of counters need no second look; its conditions do (they start the ttl). */
function sameButStatus({ type, object, previous }: StoreEvent): boolean {
  if (type !== 'MODIFIED' || previous === undefined || !isJob(object) || !isJob(previous)) {
    return false;
  }
  return (
    object.metadata.generation === previous.metadata.generation &&
    object.metadata.deletionTimestamp === previous.metadata.deletionTimestamp &&
    object.status?.conditions?.length === previous.status?.conditions?.length
  );
}

/** Surplus pods go in this order: unscheduled, pending, running. */
function rank(pod: Pod): number {
  if (pod.spec.nodeName === undefined) {
    return 0;
  }
  return pod.status?.phase === 'Running' ? 2 : 1;
}

function freeIndexes(job: Job, counts: PodCounts, missing: number): number[] {
  const taken = completedIndexes(job, counts);
  for (const pod of counts.active) {
    taken.add(completionIndex(pod) ?? -1);
  }
  const free: number[] = [];
  for (let index = 0; index < (job.spec.completions ?? 0) && free.length < missing; index += 1) {
    if (!taken.has(index)) {
      free.push(index);
    }
  }
  return free;
}
