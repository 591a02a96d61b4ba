import type { Readable } from 'node:stream';
import { type Job, JOBS, type KubeApi, resourcePath } from '@cloudemy/k8s';
import { lineHeads } from './line-heads.js';

/** A server writes kind and name before all else; `recordings/` has such lines of a real one. */
const change =
  /^\{"type":"(ADDED|DELETED)","object":\{"kind":"Job","apiVersion":"batch\/v1","metadata":\{"name":"([^"]+)"/;
/** Bytes of a line in which the above is found: names of Jobs have 63 at most. */
const headBytes = 256;

interface Waiting {
  for: string;
  missing: Set<string>;
  resolve: () => void;
  reject: (error: Error) => void;
}

/**
 * When Jobs came to be, seen by a watch: the same clock for everyone who creates them. It reads no more of a line than
 * the name: parsing every Job would cost, on the same machine, a good part of what is measured.
 */
export class JobArrivals {
  private readonly arrived = new Map<string, number>();
  private readonly gone = new Set<string>();
  private readonly finished: Promise<void>;
  private waiting: Waiting | undefined;
  private ended: Error | undefined;

  private readonly stream: Readable;

  private constructor(stream: Readable) {
    this.stream = stream;

    this.finished = this.read();
  }

  /** Watches the Jobs of a namespace. */
  static async watch(api: KubeApi, namespace: string): Promise<JobArrivals> {
    const path = resourcePath(JOBS, { namespace });
    const { metadata } = await api.list<Job>(path, { limit: 1 });
    const query = { watch: true, resourceVersion: metadata.resourceVersion };
    const { body } = await api.stream(path, { query });
    return new JobArrivals(body);
  }

  /**
   * When each of these came, in milliseconds of `performance.now()`, in the order of the names.
   *
   * @throws Error when the watch ends before
   */
  async of(names: readonly string[]): Promise<number[]> {
    await this.until('ADDED', new Set(names.filter((name) => !this.arrived.has(name))));
    return names.map((name) => this.arrived.get(name) ?? Number.NaN);
  }

  /**
   * Waits until these are deleted.
   *
   * @throws Error when the watch ends before
   */
  async absent(names: readonly string[]): Promise<void> {
    await this.until('DELETED', new Set(names.filter((name) => !this.gone.has(name))));
  }

  async stop(): Promise<void> {
    this.stream.destroy();
    await this.finished;
  }

  private async until(type: string, missing: Set<string>): Promise<void> {
    if (missing.size === 0) return;
    if (this.ended !== undefined) throw this.ended;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.waiting = { for: type, missing, resolve, reject };
    await promise;
  }

  private async read(): Promise<void> {
    let cause: unknown;
    try {
      for await (const heads of lineHeads(this.stream, headBytes)) for (const head of heads) this.note(head);
    } catch (error) {
      cause = error;
    }
    this.ended = new Error('the watch on Jobs has ended', { cause });
    this.waiting?.reject(this.ended);
  }

  private note(head: string): void {
    const [, type = '', name = ''] = change.exec(head) ?? [];
    if (type === 'ADDED') this.arrived.set(name, performance.now());
    else if (type === 'DELETED') this.gone.add(name);
    const { waiting } = this;
    if (waiting?.for !== type || !waiting.missing.delete(name) || waiting.missing.size > 0) return;
    this.waiting = undefined;
    waiting.resolve();
  }
}
