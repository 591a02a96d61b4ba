import type { KubeObject } from '../objects.js';
import type { NewObject, ObjectStore } from '../store/object-store.js';
import { micros, seconds } from './clock.js';

/** Events remembered for counting repeats; the oldest is forgotten first. */
const REMEMBERED = 4096;

export type EventType = 'Normal' | 'Warning';

/** Who reports: `component` as in `source`, with the node where there is one. */
export interface EventSource {
  component: string;
  host?: string;
}

/** Writes events; a repeat of the same words about the same object raises the count of the first. */
export class EventRecorder {
  readonly #store: ObjectStore;
  readonly #source: EventSource;
  readonly #known = new Map<string, string>();

  constructor(store: ObjectStore, source: EventSource) {
    this.#store = store;
    this.#source = source;
  }

  /** `fieldPath` names the part of the object concerned, such as `spec.containers{main}`. */
  event(about: KubeObject, type: EventType, reason: string, message: string, fieldPath?: string): void {
    const namespace = about.metadata.namespace ?? 'default';
    const key = [about.metadata.uid, type, reason, message, fieldPath].join('\n');
    const known = this.#known.get(key);
    const now = seconds();
    if (known !== undefined && this.#store.get('events', namespace, known) !== undefined) {
      this.#store.update('events', namespace, known, (draft) => {
        draft['count'] = (typeof draft['count'] === 'number' ? draft['count'] : 0) + 1;
        draft['lastTimestamp'] = now;
      });
      return;
    }
    const name = eventName(about);
    const written = writeQuietly(this.#store, {
      metadata: { name, namespace },
      involvedObject: {
        ...reference(about),
        ...(fieldPath === undefined ? {} : { fieldPath }),
      },
      reason,
      message,
      source: this.#source,
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
      type,
      eventTime: null,
      reportingComponent: this.#source.component,
      reportingInstance: this.#source.host ?? '',
    });
    if (written) {
      this.#remember(key, name);
    }
  }

  /** The newer shape, which the scheduler writes: no count, a time with microseconds, an action. */
  action(about: KubeObject, type: EventType, reason: string, message: string, action: string): void {
    writeQuietly(this.#store, {
      metadata: { name: eventName(about), namespace: about.metadata.namespace ?? 'default' },
      involvedObject: reference(about),
      reason,
      message,
      source: {},
      firstTimestamp: null,
      lastTimestamp: null,
      type,
      eventTime: micros(),
      action,
      reportingComponent: this.#source.component,
      reportingInstance: `${this.#source.component}-${this.#source.host ?? ''}`,
    });
  }

  #remember(key: string, name: string): void {
    this.#known.delete(key);
    this.#known.set(key, name);
    const oldest = this.#known.keys().next();
    if (this.#known.size > REMEMBERED && !oldest.done) {
      this.#known.delete(oldest.value);
    }
  }
}

let serial = 0;

/** The object's name and a time in hexadecimal nanoseconds, unique within this process. */
function eventName(about: KubeObject): string {
  serial = (serial + 1) % 1_000_000;
  return `${about.metadata.name}.${(BigInt(Date.now()) * 1_000_000n + BigInt(serial)).toString(16)}`;
}

function reference(about: KubeObject): object {
  const { namespace, name, uid, resourceVersion } = about.metadata;
  return { kind: about.kind, namespace, name, uid, apiVersion: about.apiVersion, resourceVersion };
}

/** An event that cannot be written (its namespace is going) must not stop the work it tells of. */
function writeQuietly(store: ObjectStore, event: NewObject): boolean {
  try {
    store.create('events', event);
    return true;
  } catch {
    return false;
  }
}
