import { pause } from '../container/pause.js';
import type { ContainerRun } from '../container/container-run.js';
import type { KubeletContext } from '../context.js';
import type { Container, Pod, Probe } from '../pod.js';
import { runHandler } from './handler.js';

interface ProbeListener {
  /** `ready` or `started` has changed. */
  changed(): void;
  unhealthy(message: string): void;
  /** The container is to be stopped; its restart policy decides what then. */
  failed(message: string): void;
}

type Kind = 'Startup' | 'Liveness' | 'Readiness';

/** Probes one run of a container. Without probes it is started and ready at once. */
export class Prober {
  readonly #context: KubeletContext;
  readonly #pod: Pod;
  readonly #run: ContainerRun;
  readonly #container: Container;
  readonly #listener: ProbeListener;
  readonly #stop = new AbortController();
  #passedStartup: boolean;
  #passedReadiness: boolean;

  constructor(
    context: KubeletContext,
    pod: Pod,
    run: ContainerRun,
    container: Container,
    listener: ProbeListener,
  ) {
    this.#context = context;
    this.#pod = pod;
    this.#run = run;
    this.#container = container;
    this.#listener = listener;
    this.#passedStartup = container.startupProbe === undefined;
    this.#passedReadiness = container.readinessProbe === undefined;
    void this.#begin();
  }

  get started(): boolean {
    return this.#passedStartup && !this.#stop.signal.aborted;
  }

  get ready(): boolean {
    return this.started && this.#passedReadiness;
  }

  stop(): void {
    this.#stop.abort();
  }

  async #begin(): Promise<void> {
    const { startupProbe, livenessProbe, readinessProbe, name } = this.#container;
    if (startupProbe !== undefined) {
      await this.#watch('Startup', startupProbe, (passed) => {
        if (passed) {
          this.#passedStartup = true;
          this.#listener.changed();
        } else {
          this.#listener.failed(`Container ${name} failed startup probe, will be restarted`);
        }
        return 'stop';
      });
    }
    if (livenessProbe !== undefined) {
      void this.#watch('Liveness', livenessProbe, (passed) => {
        if (passed) {
          return 'go on';
        }
        this.#listener.failed(`Container ${name} failed liveness probe, will be restarted`);
        return 'stop';
      });
    }
    if (readinessProbe !== undefined) {
      void this.#watch('Readiness', readinessProbe, (passed) => {
        if (this.#passedReadiness !== passed) {
          this.#passedReadiness = passed;
          this.#listener.changed();
        }
        return 'go on';
      });
    }
  }

  /** Probes period by period; `settled` is told whenever a threshold is reached. */
  async #watch(kind: Kind, probe: Probe, settled: (passed: boolean) => 'stop' | 'go on'): Promise<void> {
    const { signal } = this.#stop;
    await pause((probe.initialDelaySeconds ?? 0) * 1000, signal);
    let inARow = 0;
    let last: boolean | undefined;
    while (!signal.aborted) {
      const passed = await this.#once(kind, probe);
      inARow = passed === last ? inARow + 1 : 1;
      last = passed;
      const enough = passed ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
      if (!signal.aborted && inARow >= enough && settled(passed) === 'stop') {
        return;
      }
      await pause((probe.periodSeconds ?? 10) * 1000, signal);
    }
  }

  async #once(kind: Kind, probe: Probe): Promise<boolean> {
    const limit = AbortSignal.timeout((probe.timeoutSeconds ?? 1) * 1000);
    const signal = AbortSignal.any([limit, this.#stop.signal]);
    try {
      await runHandler(this.#context, this.#pod, this.#run, this.#container, probe, signal);
      return true;
    } catch (error) {
      if (!this.#stop.signal.aborted) {
        this.#listener.unhealthy(`${kind} probe failed: ${failureOf(probe, error, limit.aborted)}`);
      }
      return false;
    }
  }
}

/** Why a probe failed, in a kubelet's words; `late`: because its time was up. */
function failureOf({ exec, timeoutSeconds = 1 }: Probe, error: unknown, late: boolean): string {
  if (late && exec !== undefined) {
    return `command timed out: "${exec.command.join(' ')}" timed out after ${timeoutSeconds}s`;
  }
  return error instanceof Error ? error.message : String(error);
}
