import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, JOBS, resourcePath } from '@cloudemy/k8s';
import { uniqueName } from '../stack/bench-job.js';
import type { GradingStack } from './grading-stack.js';
import { JobArrivals } from './job-arrivals.js';
import { TightClient, copyOf } from './tight-client.js';

/** Milliseconds between Jobs in the idle part: longer than anything one sets off. */
export const restMs = 50;
/** Milliseconds before each part of a round, so that neither rival pays for what came before it. */
export const settleMs = 250;

/** The rival with Jobs like those of the scheduler, in a namespace that the scheduler does not watch. */
export class Rival {
  private created = 0;

  private readonly stack: GradingStack;
  private readonly client: TightClient;
  private readonly arrivals: JobArrivals;
  private readonly model: Job;
  private readonly namespace: string;

  private constructor(
    stack: GradingStack,
    client: TightClient,
    arrivals: JobArrivals,
    model: Job,
    namespace: string,
  ) {
    this.stack = stack;
    this.client = client;
    this.arrivals = arrivals;
    this.model = model;
    this.namespace = namespace;
  }

  /** @param model what each of its Jobs is like */
  static async start(stack: GradingStack, model: Job): Promise<Rival> {
    const { api } = stack.cluster;
    const namespace = uniqueName('rival');
    await api.create('/api/v1/namespaces', { metadata: { name: namespace } });
    const client = await TightClient.to(stack.cluster, namespace);
    return new Rival(stack, client, await JobArrivals.watch(api, namespace), model, namespace);
  }

  /** Jobs per second. */
  async rate(size: number): Promise<number> {
    const names = Array.from({ length: size }, () => this.nextName());
    await sleep(settleMs);
    const started = performance.now();
    await this.client.create(names.map((name) => copyOf(this.model, name, this.namespace)));
    const times = await this.arrivals.of(names);
    const took = Math.max(...times) - started;
    await this.stack.cluster.api.delete(resourcePath(JOBS, { namespace: this.namespace }));
    await this.arrivals.absent(names);
    return size / (took / 1000);
  }

  /** Milliseconds from sending one Job until it is there. */
  async idleWaits(count: number): Promise<number[]> {
    const waits: number[] = [];
    for (let index = 0; index < count; index += 1) {
      await sleep(restMs);
      const name = this.nextName();
      const sent = performance.now();
      await this.client.create([copyOf(this.model, name, this.namespace)]);
      const [created = Number.NaN] = await this.arrivals.of([name]);
      waits.push(created - sent);
    }
    return waits;
  }

  async stop(): Promise<void> {
    this.client.close();
    await this.arrivals.stop();
    await this.stack.cluster.api.delete(`/api/v1/namespaces/${this.namespace}`);
  }

  private nextName(): string {
    this.created += 1;
    return `rival-of-the-scheduler-${this.created}`;
  }
}
