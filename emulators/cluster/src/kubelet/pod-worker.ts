import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { seconds } from '../controllers/clock.js';
import { ApiError } from '../store/api-error.js';
import { timerDelay } from '../timers.js';
import { ContainerKeeper } from './container/container-keeper.js';
import type { KeeperHost } from './container/container-keeper.js';
import { pause } from './container/pause.js';
import type { KubeletContext } from './context.js';
import type { Pod } from './pod.js';
import { isPod, isSidecar } from './pod.js';
import type { PodFacts } from './pod-status.js';
import { podStatus } from './pod-status.js';
import { MountError, setUpVolume } from './volumes.js';
import type { MountedVolume } from './volumes.js';

const DEADLINE = {
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
};

/** Runs one pod from its binding to its end. */
export class PodWorker implements KeeperHost {
  readonly context: KubeletContext;
  readonly volumes = new Map<string, MountedVolume>();
  readonly folder: string;
  readonly #init: ContainerKeeper[];
  readonly #containers: ContainerKeeper[];
  readonly #stop = new AbortController();
  readonly #startTime = seconds();
  #pod: Pod;
  #prepared = false;
  #final = false;
  #gone = false;
  #ended: PodFacts['ended'];
  #killAt = Number.POSITIVE_INFINITY;
  #killTimer: NodeJS.Timeout | undefined;
  #deadline: NodeJS.Timeout | undefined;
  readonly #work: Promise<void>;

  constructor(context: KubeletContext, pod: Pod) {
    this.context = context;
    this.#pod = pod;
    this.folder = join(context.root, pod.metadata.uid);
    const init = pod.spec.initContainers ?? [];
    const waiting = init.length > 0 ? 'PodInitializing' : 'ContainerCreating';
    this.#init = init.map((container) => new ContainerKeeper(this, container, true, waiting));
    this.#containers = pod.spec.containers.map(
      (container) => new ContainerKeeper(this, container, false, waiting),
    );
    this.#work = this.#run();
    this.update(pod);
  }

  pod(): Pod {
    return this.#pod;
  }

  keeper(container: string): ContainerKeeper | undefined {
    return [...this.#init, ...this.#containers].find((keeper) => keeper.container.name === container);
  }

  /** The stored pod has changed: perhaps it is to end, or to end sooner. */
  update(pod: Pod): void {
    const changed = pod.metadata.generation !== this.#pod.metadata.generation;
    this.#pod = pod;
    if (changed) {
      // So that its status tells that this has been seen.
      this.#write();
    }
    if (pod.metadata.deletionTimestamp !== undefined && !this.#final) {
      this.#endWithin((pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000);
    }
  }

  /** The pod is no longer stored: whatever still runs is killed. Resolves when nothing is left of it. */
  async remove(): Promise<void> {
    this.#gone = true;
    this.#endWithin(0);
    await this.#work;
    for (const keeper of [...this.#init, ...this.#containers]) {
      keeper.remove();
    }
    await rm(this.folder, { recursive: true, force: true });
    this.context.network.release(this.#pod);
  }

  changed(): void {
    this.#write();
  }

  #endWithin(grace: number): void {
    const at = Date.now() + grace;
    if (at < this.#killAt) {
      this.#killAt = at;
      clearTimeout(this.#killTimer);
      if (this.#stop.signal.aborted) {
        this.#killTimer = setTimeout(() => {
          for (const keeper of [...this.#init, ...this.#containers]) {
            keeper.kill();
          }
        }, timerDelay(grace));
        this.#killTimer.unref();
      }
    }
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    // The binding that led here is told to everybody before the first status is written.
    await Promise.resolve();
    this.#write();
    this.#watchDeadline();
    const kept: Promise<void>[] = [];
    if ((await this.#prepare()) && (await this.#initialize(kept))) {
      // One after the other: what comes first in the pod starts first.
      for (const keeper of this.#containers) {
        if (this.#stop.signal.aborted) {
          break;
        }
        kept.push(keeper.keep());
        await Promise.race([keeper.attempted(), this.#stopped()]);
      }
      await Promise.race([Promise.all(kept.slice(-this.#containers.length)), this.#stopped()]);
    }
    await this.#finish(kept);
  }

  #stopped(): Promise<void> {
    const { signal } = this.#stop;
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve());
      if (signal.aborted) {
        resolve();
      }
    });
  }

  #watchDeadline(): void {
    const allowed = this.#pod.spec.activeDeadlineSeconds;
    if (allowed !== undefined) {
      this.#deadline = setTimeout(
        () => {
          this.#ended = DEADLINE;
          this.context.events.event(this.#pod, 'Normal', DEADLINE.reason, DEADLINE.message);
          this.#endWithin((this.#pod.spec.terminationGracePeriodSeconds ?? 30) * 1000);
        },
        timerDelay(allowed * 1000),
      );
      this.#deadline.unref();
    }
  }

  /** Sets up the volumes, however often it takes; false when the pod was stopped meanwhile. */
  async #prepare(): Promise<boolean> {
    const { timing, store, node, issueToken, events } = this.context;
    let wait = timing.mountRetry;
    for (const volume of this.#pod.spec.volumes ?? []) {
      while (!this.volumes.has(volume.name) && !this.#stop.signal.aborted) {
        const folder = join(this.folder, 'volumes', volume.name);
        try {
          const mounted = await setUpVolume(volume, folder, { store, node, issueToken, pod: this.#pod });
          this.volumes.set(volume.name, mounted);
        } catch (error) {
          const why = error instanceof MountError ? error.message : String(error);
          await rm(folder, { recursive: true, force: true });
          const words = `MountVolume.SetUp failed for volume "${volume.name}" : ${why}`;
          events.event(this.#pod, 'Warning', 'FailedMount', words);
          await pause(wait, this.#stop.signal);
          wait = Math.min(wait * 2, timing.mountRetryMax);
        }
      }
    }
    if (this.#stop.signal.aborted) {
      return false;
    }
    this.#prepared = true;
    this.#write();
    return true;
  }

  /** Runs the init containers one after the other; false when one failed or the pod was stopped. */
  async #initialize(kept: Promise<void>[]): Promise<boolean> {
    for (const keeper of this.#init) {
      const keeping = keeper.keep();
      kept.push(keeping);
      if (isSidecar(keeper.container)) {
        await Promise.race([keeper.startedUp(), this.#stopped()]);
      } else {
        await Promise.race([keeping, this.#stopped()]);
        if (keeper.snapshot.state.terminated?.exitCode !== 0) {
          return false;
        }
      }
      if (this.#stop.signal.aborted) {
        return false;
      }
    }
    return true;
  }

  /** Stops what still runs, sidecars last, and reports the end. */
  async #finish(kept: readonly Promise<void>[]): Promise<void> {
    const sidecars = this.#init.filter(({ container }) => isSidecar(container));
    // One between two starts is gone when the pod ends, and a kubelet then no longer finds it.
    const between = sidecars.filter(({ snapshot }) => !snapshot.over && snapshot.state.running === undefined);
    const others = [...this.#init.filter((keeper) => !sidecars.includes(keeper)), ...this.#containers];
    await Promise.all(others.map((keeper) => keeper.stop(this.#graceLeft())));
    for (const sidecar of sidecars.reverse()) {
      await sidecar.stop(this.#graceLeft());
    }
    await Promise.all(kept);
    for (const sidecar of between) {
      sidecar.abandon();
    }
    clearTimeout(this.#killTimer);
    clearTimeout(this.#deadline);
    if (this.#stop.signal.aborted) {
      this.#abandonUnborn();
    }
    this.#final = true;
    this.#write();
    await rm(join(this.folder, 'volumes'), { recursive: true, force: true });
    if (this.#pod.metadata.deletionTimestamp !== undefined) {
      this.#confirmDeletion();
    }
  }

  /** Containers that never came to be end with their pod, once what was prepared for them is gone. */
  #abandonUnborn(): void {
    const unborn = this.#containers.filter(({ snapshot }) => snapshot.containerId === undefined);
    if (unborn.length > 0) {
      this.#prepared = false;
      this.#write();
    }
    for (const keeper of unborn) {
      keeper.abandon();
    }
  }

  #graceLeft(): number {
    return this.#killAt === Number.POSITIVE_INFINITY
      ? (this.#pod.spec.terminationGracePeriodSeconds ?? 30) * 1000
      : Math.max(0, this.#killAt - Date.now());
  }

  #confirmDeletion(): void {
    const { name, namespace, uid } = this.#pod.metadata;
    this.#attempt(() =>
      this.context.store.delete('pods', namespace, name, { gracePeriodSeconds: 0, preconditions: { uid } }),
    );
  }

  #write(): void {
    if (this.#gone) {
      return;
    }
    const { name, namespace, uid } = this.#pod.metadata;
    const facts: PodFacts = {
      init: this.#init.map(({ snapshot }) => snapshot),
      containers: this.#containers.map(({ snapshot }) => snapshot),
      startTime: this.#startTime,
      address: this.context.network.addressOf(this.#pod),
      prepared: this.#prepared,
      final: this.#final,
      ended: this.#ended,
    };
    this.#attempt(() => {
      const stored = this.context.store.update('pods', namespace, name, (draft) => {
        if (isPod(draft) && draft.metadata.uid === uid) {
          draft.status = podStatus(draft, facts);
        }
      });
      if (isPod(stored) && stored.metadata.uid === uid) {
        this.#pod = stored;
      }
    });
  }

  /** The pod may be gone by now: then there is nothing to write to. */
  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
    }
  }
}
