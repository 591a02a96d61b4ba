import type { ObjectStore, StoreEvent } from '../../store/object-store.js';
import type { Pod } from '../../kubelet/pod.js';
import { isPod } from '../../kubelet/pod.js';
import type { Job } from '../job/job.js';
import { isJob } from '../job/job.js';
import { eventEssence, jobEssence, Normalizer, podEssence } from './essence.js';

/** What a real cluster was seen to do with a Job: the fixtures. */
export interface Recording {
  job: { metadata: { name: string }; spec: object };
  /** The Job's statuses, one after the other. */
  jobs: string[];
  /** Each pod's statuses. */
  pods: Record<string, string[]>;
  /** All events, whatever their order and number. */
  events: string[];
}

/** What the embedded cluster does with it. */
export type Observation = Omit<Recording, 'job'>;

/** Milliseconds in which the last pods and events of a Job that has ended are seen. */
const AFTER_END = 4_000;

/** Called after each change: for scenarios in which somebody does something meanwhile. */
export type Act = (job: Job, pods: readonly Pod[]) => void;

function push(list: string[], entry: string): void {
  if (list.at(-1) !== entry) {
    list.push(entry);
  }
}

/** The first entry of `wanted` that does not come, in order, in `seen`. */
export function firstMissing(wanted: readonly string[], seen: readonly string[]): string | undefined {
  let from = 0;
  for (const entry of wanted) {
    const at = seen.indexOf(entry, from);
    if (at < 0) {
      return entry;
    }
    from = at + 1;
  }
  return undefined;
}

/** What of a recording has not been observed (yet). */
export function differences(recording: Recording, seen: Observation): string[] {
  const missing = [
    firstMissing(recording.jobs, seen.jobs),
    ...Object.entries(recording.pods).map(([pod, states]) => firstMissing(states, seen.pods[pod] ?? [])),
    recording.events.find((event) => !seen.events.includes(event)),
  ];
  return missing.filter((entry) => entry !== undefined);
}

/** Runs a recording's Job in a namespace of its own and watches what becomes of it. */
export class Scenario {
  readonly seen: Observation = { jobs: [], pods: {}, events: [] };
  readonly #store: ObjectStore;
  readonly #namespace: string;
  readonly #recording: Recording;
  readonly #act: Act;
  readonly #words = new Normalizer();
  readonly #unsubscribe: () => void;
  readonly #listeners = new Set<() => void>();

  constructor(store: ObjectStore, namespace: string, recording: Recording, act: Act = () => {}) {
    this.#store = store;
    this.#namespace = namespace;
    this.#recording = recording;
    this.#act = act;
    this.#words.name(namespace, 'NAMESPACE');
    this.#words.name('local', 'NODE');
    this.#unsubscribe = store.subscribe((event) => {
      if (event.object.metadata.namespace === namespace) {
        this.#look(event);
      }
    });
    store.create('namespaces', { metadata: { name: namespace } });
    store.create('jobs.batch', {
      ...recording.job,
      metadata: { ...recording.job.metadata, namespace },
    });
  }

  /**
   * Resolves when all that was recorded has been seen, or when the time is up: that is soon once the Job has come to
   * its end, for what was passed over until then does not come any more.
   */
  async settled(limit: number): Promise<void> {
    await new Promise<void>((resolve) => {
      let timer = setTimeout(resolve, limit);
      let ended = false;
      const check = (): void => {
        if (differences(this.#recording, this.seen).length === 0) {
          clearTimeout(timer);
          resolve();
        } else if (!ended && this.seen.jobs.at(-1) === this.#recording.jobs.at(-1)) {
          ended = true;
          clearTimeout(timer);
          timer = setTimeout(resolve, Math.min(limit, AFTER_END));
        }
      };
      this.#listeners.add(check);
      check();
    });
    this.#unsubscribe();
  }

  #look({ resource, type, object }: StoreEvent): void {
    if (resource === 'jobs.batch' && isJob(object)) {
      push(this.seen.jobs, this.#words.text(jobEssence(object)));
    } else if (resource === 'pods' && isPod(object)) {
      if (type === 'ADDED') {
        this.#words.name(object.metadata.name, `POD${Object.keys(this.seen.pods).length + 1}`);
      }
      const name = this.#words.text(object.metadata.name);
      push((this.seen.pods[name] ??= []), this.#words.text(podEssence(object)));
    } else if (resource === 'events') {
      push(this.seen.events, this.#words.text(eventEssence(object)));
    } else {
      return;
    }
    const job = this.#store.get('jobs.batch', this.#namespace, this.#recording.job.metadata.name);
    if (isJob(job)) {
      this.#act(job, this.#store.list('pods', { namespace: this.#namespace }).filter(isPod));
    }
    for (const listener of this.#listeners) {
      listener();
    }
  }
}
