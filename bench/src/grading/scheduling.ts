import { setTimeout as sleep } from 'node:timers/promises';
import { runnerJobName } from '@cloudemy/contracts';
import { type Job, JOBS, resourcePath } from '@cloudemy/k8s';
import type { Bench, BenchContext } from '../bench.js';
import { type Report, medianOf, quantileOf, rowOf } from '../report/report.js';
import { uniqueName } from '../stack/bench-job.js';
import { type GradingStack, startGradingStack } from './grading-stack.js';
import { JobArrivals } from './job-arrivals.js';
import { sideBySide } from './side-by-side.js';
import { submit } from './submit.js';
import { TightClient, copyOf } from './tight-client.js';

/** The share of the rival's rate that the whole pipeline must reach. */
const rateGoal = 0.7;
/** Milliseconds from a submission being accepted to its Job, when nothing else is going on. */
const idleGoal = 10;
/** Milliseconds between submissions in the idle part: longer than anything a submission sets off. */
const restMs = 50;

/**
 * How fast queued submissions become Jobs: claimed at the backend, stored, created and struck off the queue. The
 * rival creates the same Jobs on the same API server without any of it. Then, one by one, how long an accepted
 * submission waits for its Job.
 */
export const scheduling: Bench = { rounds: 9, run };

async function run({ rounds, quick, kubeconfig }: BenchContext): Promise<Report> {
  const size = quick ? 20 : 300;
  const stack = await startGradingStack({ kubeconfig });
  const arrivals = await JobArrivals.watch(stack.cluster.api, stack.namespace);
  const ours: number[] = [];
  const theirs: number[] = [];
  let rival: Rival | undefined;
  try {
    rival = await Rival.start(stack);
    // The first round warms up what is on the way.
    for (let round = -1; round < rounds; round += 1) {
      const rate = await queuedToJobs(stack, arrivals, size);
      const other = await rival.rate(size);
      if (round < 0) continue;
      ours.push(rate);
      theirs.push(other);
    }
    const count = quick ? 5 : 100;
    const waits = await idleWaits(stack, arrivals, count);
    const direct = await rival.idleWaits(count);
    const p50 = quantileOf(waits, 0.5);
    return {
      bench: 'scheduling',
      rounds,
      about: `${size} queued submissions become Jobs`,
      rows: [
        rowOf('tight client, 16 connections', 'Jobs/s', theirs),
        rowOf('scheduler, from the queue', 'Jobs/s', ours, {
          baseline: medianOf(theirs),
          goal: { of: 'ratio', is: 'at least', bound: rateGoal },
        }),
        rowOf('tight client, one Job, idle, p50', 'ms', [quantileOf(direct, 0.5)]),
        rowOf('accepted to Job, idle, p50', 'ms', [p50], {
          goal: { of: 'max', is: 'at most', bound: idleGoal },
        }),
        rowOf('accepted to Job, idle, p99', 'ms', [quantileOf(waits, 0.99)]),
      ],
    };
  } finally {
    await rival?.stop();
    await arrivals.stop();
    await stack.close();
  }
}

/** Submits while the queue is paused, then lets go. */
async function queuedToJobs(stack: GradingStack, arrivals: JobArrivals, size: number): Promise<number> {
  await stack.queue.pause();
  const ids = await submit(stack, size);
  await queued(stack, size);
  const started = performance.now();
  await stack.queue.resume();
  const times = await arrivals.of(ids.map((id) => runnerJobName(id, 1)));
  await withdraw(stack, arrivals, ids);
  return size / ((Math.max(...times) - started) / 1000);
}

async function queued({ queue }: GradingStack, size: number): Promise<void> {
  for (;;) {
    const counts = await queue.getJobCounts('waiting', 'prioritized');
    if (Object.values(counts).reduce((sum, count) => sum + count, 0) >= size) return;
    await sleep(20);
  }
}

/** Cancels them and waits until their Jobs are gone. */
async function withdraw(stack: GradingStack, arrivals: JobArrivals, ids: readonly string[]): Promise<void> {
  await sideBySide(ids, 16, async (submission_id) => {
    await stack.backend.cancelSubmission({ params: { submission_id } });
  });
  await arrivals.absent(ids.map((id) => runnerJobName(id, 1)));
}

/** Milliseconds from each answer to its Job. */
async function idleWaits(stack: GradingStack, arrivals: JobArrivals, count: number): Promise<number[]> {
  const waits: number[] = [];
  for (let index = 0; index < count; index += 1) {
    await sleep(restMs);
    const [id = ''] = await submit(stack, 1);
    const accepted = performance.now();
    const [created = Number.NaN] = await arrivals.of([runnerJobName(id, 1)]);
    waits.push(Math.max(0, created - accepted));
    await withdraw(stack, arrivals, [id]);
  }
  return waits;
}

/** The rival with Jobs like those of the scheduler, in a namespace that the scheduler does not watch. */
class Rival {
  private created = 0;

  private constructor(
    private readonly stack: GradingStack,
    private readonly client: TightClient,
    private readonly arrivals: JobArrivals,
    private readonly model: Job,
    private readonly namespace: string,
  ) {}

  static async start(stack: GradingStack): Promise<Rival> {
    const { api } = stack.cluster;
    const namespace = uniqueName('rival');
    await api.create('/api/v1/namespaces', { metadata: { name: namespace } });
    const model = await oneJob(stack);
    const client = await TightClient.to(stack.cluster, namespace);
    return new Rival(stack, client, await JobArrivals.watch(api, namespace), model, namespace);
  }

  /** Jobs per second. */
  async rate(size: number): Promise<number> {
    const names = Array.from({ length: size }, () => this.nextName());
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

/** A Job as the scheduler makes them. */
async function oneJob(stack: GradingStack): Promise<Job> {
  const arrivals = await JobArrivals.watch(stack.cluster.api, stack.namespace);
  try {
    const ids = await submit(stack, 1);
    await arrivals.of(ids.map((id) => runnerJobName(id, 1)));
    const job = arrivals.any();
    if (job === undefined) throw new Error('the scheduler made no Job');
    await withdraw(stack, arrivals, ids);
    return job;
  } finally {
    await arrivals.stop();
  }
}
