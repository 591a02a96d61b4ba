import { setTimeout as sleep } from 'node:timers/promises';
import { isAlreadyExists, isConflict, isNotFound } from '../cluster/errors.js';
import type { KubeApi } from '../cluster/kube-api.js';
import { LEASES, resourcePath } from '../cluster/resource-path.js';
import type { Lease } from '../objects/types.js';
import { claimed, holderOf, released } from './lease-record.js';

export interface LeaderElectionOptions {
  namespace: string;
  /** Name of the Lease object. */
  name: string;
  /** Who we are; must differ between replicas. */
  identity: string;
  /** How long a leader that is not heard of keeps others out. Whole seconds. */
  leaseDurationSeconds?: number | undefined;
  /** Milliseconds between renewals and between looks at another's lease. */
  retryIntervalMs?: number | undefined;
  /** Called when we begin to lead. The signal fires when leadership ends, for whatever reason. */
  onElected(leadership: AbortSignal): void;
  /** What went wrong in a round; the election continues by itself. */
  onError?(error: unknown): void;
}

const LEASE_DURATION_SECONDS = 15;
/** Of the lease's duration: how long a leader continues without having been able to renew. */
const RENEW_DEADLINE_SHARE = 2 / 3;

/**
 * Lets one of several replicas do what must not be done twice, by holding a `coordination.k8s.io` Lease.
 *
 * No two clocks are compared: how long another's lease has not been renewed is measured from when we saw it
 * change, on our own monotonic clock. A leader that cannot renew stops leading at two thirds of the duration,
 * before another may take over.
 */
export class LeaderElection {
  readonly #stopped = new AbortController();
  readonly #durationMs: number;
  readonly #retryMs: number;
  #leadership: AbortController | undefined;
  #observed: { version: string | undefined; at: number; durationMs: number } | undefined;
  #demotion: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  private readonly api: KubeApi;
  private readonly options: LeaderElectionOptions;

  constructor(api: KubeApi, options: LeaderElectionOptions) {
    this.api = api;
    this.options = options;

    this.#durationMs = (options.leaseDurationSeconds ?? LEASE_DURATION_SECONDS) * 1000;
    this.#retryMs = options.retryIntervalMs ?? this.#durationMs / 7.5;
  }

  get isLeader(): boolean {
    return this.#leadership !== undefined;
  }

  /** Takes part from now on. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Stops leading, then gives the lease back so that another need not wait. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#stepDown('stopped');
    await this.#running;
    // Also without having led: a claim that was cut off may have reached the server.
    if (this.#running !== undefined)
      await this.#release().catch((error: unknown) => this.options.onError?.(error));
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const begun = performance.now();
      try {
        if (await this.#tryToHold()) this.#lead(begun);
        else this.#stepDown('another replica holds the lease');
      } catch (error) {
        if (!signal.aborted) this.options.onError?.(error);
      }
      await sleep(this.#retryMs * (0.8 + Math.random() * 0.4), undefined, { signal }).catch(() => {});
    }
  }

  /** @param renewedAt when the renewal was sent: the server may have received it as early as then */
  #lead(renewedAt: number): void {
    if (this.#stopped.signal.aborted) return;
    clearTimeout(this.#demotion);
    const deadline = renewedAt + this.#durationMs * RENEW_DEADLINE_SHARE;
    const left = Math.max(0, deadline - performance.now());
    this.#demotion = setTimeout(() => this.#stepDown('the lease could not be renewed in time'), left);
    if (this.#leadership !== undefined) return;
    this.#leadership = new AbortController();
    this.options.onElected(this.#leadership.signal);
  }

  #stepDown(why: string): void {
    clearTimeout(this.#demotion);
    const leadership = this.#leadership;
    this.#leadership = undefined;
    leadership?.abort(new Error(`no longer the leader: ${why}`));
  }

  async #tryToHold(): Promise<boolean> {
    const lease = await this.#read();
    if (lease === undefined) return this.#create();
    const holder = holderOf(lease);
    if (holder !== this.options.identity && holder !== undefined && !this.#hasExpired(lease)) return false;
    return this.#write(claimed(lease, this.options.identity, this.#durationMs / 1000));
  }

  #hasExpired(lease: Lease): boolean {
    const version = lease.metadata.resourceVersion;
    const now = performance.now();
    if (this.#observed === undefined || this.#observed.version !== version) {
      const seconds = lease.spec?.leaseDurationSeconds ?? this.#durationMs / 1000;
      this.#observed = { version, at: now, durationMs: seconds * 1000 };
      return false;
    }
    return now - this.#observed.at > this.#observed.durationMs;
  }

  async #read(): Promise<Lease | undefined> {
    try {
      return await this.api.get<Lease>(this.#path(true), this.#call());
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async #create(): Promise<boolean> {
    const { name, namespace, identity } = this.options;
    const empty = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace } };
    try {
      await this.api.create<Lease>(
        this.#path(false),
        claimed(empty, identity, this.#durationMs / 1000),
        this.#call(),
      );
      return true;
    } catch (error) {
      if (isAlreadyExists(error)) return false;
      throw error;
    }
  }

  async #write(lease: Lease): Promise<boolean> {
    try {
      await this.api.replace(this.#path(true), lease, this.#call());
      return true;
    } catch (error) {
      if (isConflict(error) || isNotFound(error)) return false;
      throw error;
    }
  }

  async #release(): Promise<void> {
    const call = { timeoutMs: this.#callMs };
    try {
      const lease = await this.api.get<Lease>(this.#path(true), call);
      if (holderOf(lease) === this.options.identity)
        await this.api.replace(this.#path(true), released(lease), call);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  #path(named: boolean): string {
    const { namespace, name } = this.options;
    return resourcePath(LEASES, { namespace, name: named ? name : undefined });
  }

  #call() {
    return { signal: this.#stopped.signal, timeoutMs: this.#callMs };
  }

  /** A round that hangs must end before the lease is lost. */
  get #callMs(): number {
    return Math.max(100, this.#durationMs / 5);
  }
}
