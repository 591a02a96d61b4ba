import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '@cloudemy/async';
import { isGone, KubeConnectionError } from '../cluster/errors.js';
import type { KubeApi } from '../cluster/kube-api.js';
import type { KubeObject } from '../objects/types.js';
import { ObjectCache, type WatchHandlers } from './object-cache.js';
import { openWatch, type WatchEvent } from './watch-stream.js';

export interface WatchResourceOptions<T extends KubeObject> extends WatchHandlers<T> {
  /** The collection, see `resourcePath`. */
  path: string;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  /** Milliseconds between full lists, for watches die silently. */
  relistIntervalMs?: number | undefined;
  /** Milliseconds without a byte, bookmarks included, after which a watch is opened again. */
  silenceTimeoutMs?: number | undefined;
  /** What is kept of an object, and handed to the handlers; all of it when left out. */
  keep?: ((object: T) => T) | undefined;
  /** Objects per page of a list. */
  pageSize?: number | undefined;
  /** After every full list was told. */
  onSynced?(objects: ReadonlyMap<string, T>): void;
  /** What went wrong before the next try. The watch continues by itself. */
  onError?(error: unknown): void;
}

export interface ResourceWatch<T extends KubeObject> {
  /** What is known now, by `namespace/name`. */
  readonly objects: ReadonlyMap<string, T>;
  /** Fulfilled by the first full list; rejected only if stopped before. */
  readonly synced: Promise<void>;
  /** When the server was last heard, in milliseconds since the epoch; 0 before the first time. */
  readonly lastActivity: number;
  /** Ends it; no handler is called afterwards. */
  stop(): Promise<void>;
}

const RELIST_INTERVAL_MS = 300_000;
/** A server sends a bookmark about once a minute. */
const SILENCE_TIMEOUT_MS = 90_000;
const FIRST_RETRY_MS = 200;
const MAX_RETRY_MS = 20_000;
/** A watch that ends sooner counts as a failure: a server that hangs up at once must not be stormed. */
const SHORTEST_WATCH_MS = 1_000;

/**
 * Keeps a copy of a collection: list, watch from there, list again when the server has forgotten the version,
 * when the connection fell silent, and from time to time. A handler that throws is reported to `onError`; the
 * copy stays true all the same.
 */
export function watchResource<T extends KubeObject>(
  api: KubeApi,
  options: WatchResourceOptions<T>,
): ResourceWatch<T> {
  const stopped = new AbortController();
  const watch = new ResourceWatchLoop<T>(api, options, stopped.signal);
  const finished = watch.run();
  return {
    objects: watch.cache.objects,
    synced: watch.synced.promise,
    get lastActivity() {
      return watch.lastActivity;
    },
    async stop() {
      stopped.abort();
      await finished;
    },
  };
}

class ResourceWatchLoop<T extends KubeObject> {
  readonly cache: ObjectCache<T>;
  readonly synced = Promise.withResolvers<void>();
  lastActivity = 0;
  #failures = 0;

  private readonly api: KubeApi;
  private readonly options: WatchResourceOptions<T>;
  private readonly stopped: AbortSignal;

  constructor(api: KubeApi, options: WatchResourceOptions<T>, stopped: AbortSignal) {
    this.api = api;
    this.options = options;
    this.stopped = stopped;

    this.cache = new ObjectCache<T>(options, (error) => options.onError?.(error));
    // Whoever does not wait for `synced` must not be killed by its rejection.
    this.synced.promise.catch(() => {});
  }

  async run(): Promise<void> {
    while (!this.stopped.aborted) {
      try {
        await this.#watchUntilStale(await this.#relist());
      } catch (error) {
        await this.#recover(error);
      }
    }
    this.synced.reject(new Error('the watch was stopped before its first list was complete'));
  }

  async #relist(): Promise<string> {
    const { path, labelSelector, fieldSelector, pageSize, keep } = this.options;
    const list = await this.api.listAll<T>(path, {
      labelSelector,
      fieldSelector,
      limit: pageSize,
      keep,
      signal: this.stopped,
    });
    this.stopped.throwIfAborted();
    this.#heard();
    this.cache.replace(list.items);
    this.options.onSynced?.(this.cache.objects);
    this.synced.resolve();
    return list.metadata.resourceVersion ?? '';
  }

  /** Watches, again and again from where it was, until it is time for a full list. */
  async #watchUntilStale(listedVersion: string): Promise<void> {
    const relistAt = performance.now() + (this.options.relistIntervalMs ?? RELIST_INTERVAL_MS);
    let resourceVersion = listedVersion;
    for (let left = relistAt - performance.now(); left > 0; left = relistAt - performance.now()) {
      const openedAt = performance.now();
      try {
        for await (const events of this.#events(resourceVersion, left)) {
          this.#heard();
          this.#failures = 0;
          for (const event of events) {
            this.#apply(event);
            resourceVersion = event.object.metadata.resourceVersion ?? resourceVersion;
          }
        }
        const lasted = performance.now() - openedAt;
        if (lasted < Math.min(left, SHORTEST_WATCH_MS)) await this.#pause();
        else this.#failures = 0;
      } catch (error) {
        if (!(error instanceof KubeConnectionError)) throw error;
        await this.#recover(error);
      }
      this.stopped.throwIfAborted();
    }
  }

  #events(resourceVersion: string, leftMs: number): AsyncGenerator<WatchEvent<T>[]> {
    return openWatch<T>(this.api, this.options.path, {
      labelSelector: this.options.labelSelector,
      fieldSelector: this.options.fieldSelector,
      resourceVersion,
      endAfterMs: leftMs,
      silenceTimeoutMs: this.options.silenceTimeoutMs ?? SILENCE_TIMEOUT_MS,
      signal: this.stopped,
      onOpen: () => this.#heard(),
    });
  }

  #apply(event: WatchEvent<T>): void {
    if (event.type === 'BOOKMARK') return;
    const { keep = (object: T) => object } = this.options;
    const object = keep(event.object);
    if (event.type === 'DELETED') this.cache.remove(object);
    else this.cache.put(object);
  }

  #heard(): void {
    this.lastActivity = Date.now();
  }

  async #recover(error: unknown): Promise<void> {
    if (this.stopped.aborted) return;
    // A version the server has forgotten is no fault: the next list mends it at once.
    if (!isGone(error)) this.options.onError?.(error);
    await this.#pause();
  }

  async #pause(): Promise<void> {
    this.#failures += 1;
    const pause = backoffMs(this.#failures, { firstMs: FIRST_RETRY_MS, maxMs: MAX_RETRY_MS });
    await sleep(pause, undefined, { signal: this.stopped }).catch(() => {});
  }
}
