import type { KubeObject } from '../objects.js';
import type { KindInfo } from '../schema/kinds.js';
import { apiVersion, resourceName } from '../schema/kinds.js';
import { ApiError } from '../store/api-error.js';
import type { VersionedEvent } from '../store/history.js';
import type { Registry } from '../store/registry.js';
import { encodeObject } from './encode.js';
import type { Exchange } from './exchange.js';
import type { Filter } from './list-options.js';
import { requestedVersion, selection } from './list-options.js';
import { flag, integer } from './request-info.js';

/** Milliseconds between bookmarks, as recorded. */
const BOOKMARK_EVERY = 60_000;
/** Seconds: a watch without a timeout ends by itself after this long. */
const LONGEST = 3600;
/** Bytes a client may lag behind before its watch is cut; it will list again. */
const LONGEST_LAG = 64 * 1024 * 1024;

/** How an object of a watch is written: whole, as a Table, or as metadata only. */
export type EncodeWatched = (object: KubeObject) => string;

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** Lines of events about whole objects, written once for all watchers. */
const lines = new WeakMap<VersionedEvent, string>();

function line(type: string, text: string): string {
  return `{"type":"${type}","object":${text}}\n`;
}

function wholeLine(event: VersionedEvent): string {
  let text = lines.get(event);
  if (text === undefined) {
    text = line(event.type, encodeObject(event.object));
    lines.set(event, text);
  }
  return text;
}

/** One open watch. */
class Watch {
  #pending: string[] = [];
  #scheduled = false;
  #closed = false;
  readonly #cleanups: (() => void)[] = [];

  private readonly exchange: Exchange;
  private readonly registry: Registry;
  private readonly info: KindInfo;
  private readonly namespace: string | undefined;
  private readonly filter: Filter | undefined;
  private readonly encode: EncodeWatched;

  constructor(
    exchange: Exchange,
    registry: Registry,
    info: KindInfo,
    namespace: string | undefined,
    filter: Filter | undefined,
    encode: EncodeWatched,
  ) {
    this.exchange = exchange;
    this.registry = registry;
    this.info = info;
    this.namespace = namespace;
    this.filter = filter;
    this.encode = encode;
  }

  /** Streams until the client goes or the time is up. */
  run(start: number | undefined, timeout: number | undefined, query: URLSearchParams): void {
    const { response } = this.exchange;
    response.writeHead(200, {
      'content-type': 'application/json',
      'cache-control': 'no-cache, private',
    });
    response.flushHeaders();
    response.on('close', () => {
      this.#close();
    });
    const bookmarks = flag(query, 'allowWatchBookmarks');
    if (start === undefined || start === 0) {
      this.#initial();
      if (start === 0 && bookmarks) {
        this.#bookmark();
      }
    } else if (!this.#replay(start)) {
      return;
    }
    this.#cleanups.push(
      this.registry.table.subscribe((event) => {
        if (event.version > (start ?? 0)) {
          this.#hear(event);
        }
      }),
    );
    this.#schedule(timeout, bookmarks);
  }

  /** Ends the stream cleanly: the server stops. */
  end(): void {
    if (!this.#closed) {
      this.#flush();
      this.#close();
      this.exchange.response.end();
    }
  }

  #schedule(asked: number | undefined, bookmarks: boolean): void {
    const seconds = asked !== undefined && asked > 0 ? Math.min(asked, LONGEST) : LONGEST;
    const timers = [
      setTimeout(() => {
        this.end();
      }, seconds * 1000),
    ];
    if (bookmarks) {
      timers.push(
        setInterval(() => {
          this.#bookmark();
        }, BOOKMARK_EVERY),
      );
    }
    this.#cleanups.push(() => {
      timers.forEach(clearTimeout);
    });
  }

  #initial(): void {
    for (const object of this.registry.table.list(resourceName(this.info), this.namespace)) {
      if (this.filter === undefined || this.filter(object)) {
        this.#write(line('ADDED', this.encode(object)));
      }
    }
  }

  /** False when the past asked for is no longer known: the client has been told and the watch ended. */
  #replay(start: number): boolean {
    const { history } = this.registry.table;
    const events = history.since(start);
    if (events === undefined) {
      const error = new ApiError(410, 'Expired', `too old resource version: ${start} (${history.oldest})`);
      this.#write(line('ERROR', JSON.stringify(error.toStatus())));
      this.end();
      return false;
    }
    for (const event of events) {
      this.#hear(event);
    }
    return true;
  }

  #hear(event: VersionedEvent): void {
    const { resource, object, previous } = event;
    if (
      resource !== resourceName(this.info) ||
      (this.namespace !== undefined && object.metadata.namespace !== this.namespace)
    ) {
      return;
    }
    if (this.filter === undefined) {
      this.#write(this.encode === encodeObject ? wholeLine(event) : line(event.type, this.encode(object)));
      return;
    }
    const [type, shown] = this.#seen(event, this.filter, previous);
    if (type !== undefined) {
      const whole = this.encode === encodeObject && type === event.type && shown === object;
      this.#write(whole ? wholeLine(event) : line(type, this.encode(shown)));
    }
  }

  /** What an event looks like through a selector: objects enter and leave the set. */
  #seen(
    { type, object, version }: VersionedEvent,
    filter: Filter,
    previous: KubeObject | undefined,
  ): [EventType | undefined, KubeObject] {
    const before = previous !== undefined && filter(previous);
    if (type === 'DELETED') {
      return [before || filter(object) ? 'DELETED' : undefined, object];
    }
    const now = filter(object);
    if (now) {
      return [before ? 'MODIFIED' : 'ADDED', object];
    }
    if (!before) {
      return [undefined, object];
    }
    const left = {
      ...previous,
      metadata: { ...previous.metadata, resourceVersion: String(version) },
    };
    return ['DELETED', left];
  }

  #bookmark(): void {
    const metadata = { resourceVersion: String(this.registry.table.version) };
    const object = { kind: this.info.kind, apiVersion: apiVersion(this.info), metadata };
    this.#write(line('BOOKMARK', JSON.stringify(object)));
  }

  /** Events of one turn go out in one write. */
  #write(text: string): void {
    this.#pending.push(text);
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.#flush();
      });
    }
  }

  #flush(): void {
    const { response } = this.exchange;
    if (this.#closed || this.#pending.length === 0) {
      return;
    }
    response.write(this.#pending.join(''));
    this.#pending = [];
    if (response.writableLength > LONGEST_LAG) {
      response.destroy();
    }
  }

  #close(): void {
    this.#closed = true;
    this.#cleanups.forEach((cleanup) => {
      cleanup();
    });
    this.#cleanups.length = 0;
  }
}

/** The watches that are open, so that a stopping server can end them. */
export class Watches {
  readonly #open = new Set<Watch>();

  private readonly registry: Registry;

  constructor(registry: Registry) {
    this.registry = registry;
  }

  /**
   * Answers a WATCH.
   * @throws ApiError before anything is sent when the query makes no sense.
   */
  open(exchange: Exchange, info: KindInfo, namespace: string | undefined, encode: EncodeWatched): void {
    const { query } = exchange.info;
    const start = requestedVersion(query, true);
    const filter = selection(info, query);
    const timeout = integer(query, 'timeoutSeconds');
    const watch = new Watch(exchange, this.registry, info, namespace, filter, encode);
    this.#open.add(watch);
    exchange.response.on('close', () => {
      this.#open.delete(watch);
    });
    watch.run(start, timeout, query);
  }

  close(): void {
    for (const watch of this.#open) {
      watch.end();
    }
  }
}
