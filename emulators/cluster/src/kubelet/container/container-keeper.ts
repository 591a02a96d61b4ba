import { join } from 'node:path';
import { goDuration } from '../../controllers/clock.js';
import type { EventType } from '../../controllers/event-recorder.js';
import type { KubeletContext } from '../context.js';
import { ConfigError } from '../environment.js';
import { Prober } from '../probes/prober.js';
import type { Container, ContainerState, Pod, Terminated } from '../pod.js';
import { isSidecar } from '../pod.js';
import { timerDelay } from '../../timers.js';
import type { MountedVolume } from '../volumes.js';
import { ContainerRun } from './container-run.js';
import type { Snapshot } from './container-status.js';
import { ImagePull } from './image-pull.js';
import { pause } from './pause.js';
import { RestartBackoff } from './restart-backoff.js';
import { restarts } from './restart-policy.js';
import { Waiting, asWaiting } from './waiting.js';

/** The pod's side of a container: what the keeper needs of it. */
export interface KeeperHost {
  readonly context: KubeletContext;
  /** The pod as it is stored now. */
  pod(): Pod;
  readonly volumes: ReadonlyMap<string, MountedVolume>;
  readonly folder: string;
  /** Something in a snapshot has changed. */
  changed(): void;
}

/** Keeps one container of a pod at work: starts it, restarts it, probes it, stops it. */
export class ContainerKeeper {
  readonly container: Container;
  readonly init: boolean;
  readonly #host: KeeperHost;
  readonly #pull: ImagePull;
  readonly #backoff: RestartBackoff;
  readonly #stop = new AbortController();
  readonly #runs: ContainerRun[] = [];
  #state: ContainerState;
  #lastState: ContainerState = {};
  #restartCount = 0;
  #image: string | undefined;
  #containerId: string | undefined;
  #prober: Prober | undefined;
  #over = false;
  readonly #attempted = Promise.withResolvers<void>();
  readonly #idle: string;
  #wake: () => void = () => {};

  constructor(host: KeeperHost, container: Container, init: boolean, waiting: string) {
    this.#host = host;
    this.container = container;
    this.init = init;
    this.#idle = waiting;
    this.#state = { waiting: { reason: waiting } };
    const { images, timing } = host.context;
    this.#pull = new ImagePull(images, timing, (type, reason, message) => this.#tell(type, reason, message));
    this.#backoff = new RestartBackoff(timing);
  }

  get snapshot(): Snapshot {
    const { terminated } = this.#state;
    const sidecarOrApp = !this.init || isSidecar(this.container);
    return {
      container: this.container,
      init: this.init,
      state: this.#state,
      lastState: this.#lastState,
      ready: sidecarOrApp ? (this.#prober?.ready ?? false) : terminated?.exitCode === 0,
      started: this.#prober?.started ?? false,
      restartCount: this.#restartCount,
      image: this.#image,
      containerId: this.#containerId,
      over: this.#over,
    };
  }

  /** The run with this container id, as long as its log is kept: the current and the one before. */
  run(containerId: string | undefined): ContainerRun | undefined {
    return this.#runs.find(({ id }) => id === containerId);
  }

  /** The run whose program is running. */
  get running(): ContainerRun | undefined {
    const last = this.#runs.at(-1);
    return last?.running === true ? last : undefined;
  }

  /** Resolves when the first try to start it is over, however it went. */
  attempted(): Promise<void> {
    return this.#attempted.promise;
  }

  /** Resolves when the container is over for good, or has been stopped. */
  async keep(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const run = await this.#start();
      if (run === undefined) {
        break;
      }
      const ended = await run.ended;
      this.#prober?.stop();
      this.#prober = undefined;
      this.#over = this.#stop.signal.aborted || !restarts(this.#host.pod(), this.container, this.init, ended);
      this.#setState({ terminated: ended });
      if (this.#over) {
        break;
      }
      await this.#backOff(run, ended);
    }
    this.#over = true;
  }

  /** Resolves when a sidecar has passed its startup probe; false when it never will. */
  async startedUp(): Promise<boolean> {
    while (!this.snapshot.started && !this.#over && !this.#stop.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.snapshot.started;
  }

  /** SIGTERM, and SIGKILL when `grace` milliseconds are over. Resolves when it has ended. */
  async stop(grace: number, why = `Stopping container ${this.container.name}`): Promise<void> {
    this.#stop.abort();
    this.#wake();
    if (this.#state.waiting !== undefined && this.#runs.length === 0) {
      // Nothing is tried any more, so nothing is in the way.
      this.#setState({ waiting: { reason: this.#idle } });
    }
    await this.#end(grace, why);
  }

  /** A container that never came to be ends with its pod. */
  abandon(): void {
    this.#over = true;
    this.#state = {
      terminated: {
        exitCode: 137,
        reason: 'ContainerStatusUnknown',
        message: 'The container could not be located when the pod was terminated',
        startedAt: null,
        finishedAt: null,
      },
    };
  }

  /** The end of the grace has come nearer. */
  kill(): void {
    this.#stop.abort();
    this.#runs.at(-1)?.process.kill();
  }

  /** Removes logs. */
  remove(): void {
    for (const run of this.#runs.splice(0)) {
      run.log.remove();
    }
  }

  async #end(grace: number, why: string): Promise<void> {
    const run = this.#runs.at(-1);
    if (run?.running !== true) {
      return;
    }
    this.#tell('Normal', 'Killing', why);
    const timer = setTimeout(() => run.process.kill(), timerDelay(grace));
    run.process.signal('SIGTERM');
    await run.ended;
    clearTimeout(timer);
  }

  /** Starts the container, however often it takes; undefined when stopped meanwhile. */
  async #start(): Promise<ContainerRun | undefined> {
    const { timing } = this.#host.context;
    let failure: Waiting | undefined;
    for (let attempt = 0; !this.#stop.signal.aborted; attempt += 1) {
      // As with a kubelet, a state shows what the attempt before this one met with.
      if (failure !== undefined) {
        this.#setState({ waiting: { reason: failure.reason, message: failure.message } });
      }
      try {
        return await this.#attempt();
      } catch (error) {
        failure = error instanceof ConfigError ? this.#misconfigured(error) : asWaiting(error);
      } finally {
        this.#attempted.resolve();
      }
      const again = attempt === 0 ? timing.firstResync : timing.resync * (1 + Math.random() / 2);
      await pause(again, this.#stop.signal);
    }
    return undefined;
  }

  #misconfigured(error: ConfigError): Waiting {
    this.#tell('Warning', 'Failed', `Error: ${error.message}`);
    return new Waiting('CreateContainerConfigError', error.message);
  }

  async #attempt(): Promise<ContainerRun> {
    const { context, volumes, folder } = this.#host;
    const found = this.#pull.find(this.container);
    const number = this.#runs.length === 0 ? 0 : this.#restartCount + 1;
    const home = join(folder, this.container.name, String(number));
    const run = await ContainerRun.start(context, this.#host.pod(), this.container, found, volumes, home);
    this.#image = found.name;
    this.#containerId = run.id;
    this.#restartCount = number;
    this.#runs.push(run);
    for (const old of this.#runs.splice(0, this.#runs.length - 2)) {
      old.log.remove();
    }
    this.#tell('Normal', 'Created', 'Container created');
    if (this.#stop.signal.aborted) {
      run.process.kill();
      return run;
    }
    try {
      await run.begun();
    } catch {
      const ended = await run.ended;
      this.#tell('Warning', 'Failed', `Error: ${ended.message}`);
      return run;
    }
    this.#tell('Normal', 'Started', 'Container started');
    this.#prober = new Prober(context, this.#host.pod(), run, this.container, {
      changed: () => this.#changed(),
      unhealthy: (message) => this.#tell('Warning', 'Unhealthy', message),
      failed: (message) => void this.#end(this.#grace(), message),
    });
    this.#setState({ running: { startedAt: run.startedAt } });
    if (this.#stop.signal.aborted) {
      run.process.kill();
    }
    return run;
  }

  #grace(): number {
    return (this.#host.pod().spec.terminationGracePeriodSeconds ?? 30) * 1000;
  }

  async #backOff(run: ContainerRun, ended: Terminated): Promise<void> {
    const { timing } = this.#host.context;
    const ran = Date.now() - Date.parse(run.startedAt);
    const wait = this.#backoff.next(ended.reason === 'StartError' ? 0 : ran);
    if (wait > 0) {
      const { name, namespace, uid } = this.#host.pod().metadata;
      const of = `${name}_${namespace}(${uid})`;
      this.#tell(
        'Warning',
        'BackOff',
        `Back-off restarting failed container ${this.container.name} in pod ${of}`,
      );
      const hidden = Math.min(wait, timing.resync * 3);
      await pause(hidden, this.#stop.signal);
      if (this.#stop.signal.aborted) {
        return;
      }
      const message = `back-off ${goDuration(wait)} restarting failed container=${this.container.name} pod=${of}`;
      this.#lastState = { terminated: ended };
      this.#setState({ waiting: { reason: 'CrashLoopBackOff', message } });
      await pause(wait - hidden, this.#stop.signal);
    }
    this.#lastState = { terminated: ended };
  }

  #setState(state: ContainerState): void {
    this.#state = state;
    this.#changed();
  }

  #changed(): void {
    this.#wake();
    this.#host.changed();
  }

  #tell(type: EventType, reason: string, message: string): void {
    const list = this.init ? 'initContainers' : 'containers';
    const path = `spec.${list}{${this.container.name}}`;
    this.#host.context.events.event(this.#host.pod(), type, reason, message, path);
  }
}
