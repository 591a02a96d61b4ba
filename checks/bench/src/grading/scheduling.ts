import { setTimeout as sleep } from 'node:timers/promises';
import { mapLimit } from '@cloudemy/async';
import { runnerJobName } from '@cloudemy/contracts';
import { type Job, JOBS, resourcePath } from '@cloudemy/k8s';
import type { Bench, BenchContext } from '../bench.js';
import { type Report, medianOf, quantileOf, rowOf } from '../report/report.js';
import { type GradingStack, startGradingStack } from './grading-stack.js';
import { JobArrivals } from './job-arrivals.js';
import { Rival, restMs, settleMs } from './rival.js';
import { submit } from './submit.js';

/** Jobs a second: a stock kube-scheduler starts 50 to 70 pods, so nobody notices more. */
const rateGoal = 50;
/** From a submission being accepted to its Job, when nothing else is going on, in requests that only create a Job. */
const idleGoal = 3;
/**
 * Rounds before those that count: V8 has compiled what is hot after some thousands of Jobs, and a scheduler runs for
 * weeks. What the very first of them makes is a row of its own.
 */
const warmUps = 20;

/**
 * How fast queued submissions become Jobs: claimed at the backend, stored, created and struck off the queue. The
 * rival creates the same Jobs on the same API server without any of it. Then, one by one, how long an accepted
 * submission waits for its Job.
 */
export const scheduling: Bench = { rounds: 25, run };

async function run(context: BenchContext): Promise<Report> {
  const stack = await startGradingStack({ kubeconfig: context.kubeconfig });
  try {
    return await Promise.race([measure(stack, context), stack.broken]);
  } finally {
    await stack.close();
  }
}

async function measure(stack: GradingStack, { rounds, quick }: BenchContext): Promise<Report> {
  const size = quick ? 20 : 300;
  const arrivals = await JobArrivals.watch(stack.cluster.api, stack.namespace);
  const rival = await Rival.start(stack, await oneJob(stack, arrivals));
  const ours: number[] = [];
  const theirs: number[] = [];
  try {
    const cold = {
      ours: await queuedToJobs(stack, arrivals, size),
      theirs: await rival.rate(size),
    };
    for (let round = quick ? 0 : 1 - warmUps; round < rounds; round += 1) {
      const rate = await queuedToJobs(stack, arrivals, size);
      const other = await rival.rate(size);
      if (round < 0) continue;
      ours.push(rate);
      theirs.push(other);
    }
    const count = quick ? 5 : 100;
    const waits = await idleWaits(stack, arrivals, count);
    const direct = await rival.idleWaits(count);
    return {
      bench: 'scheduling',
      rounds,
      about: `${size} queued submissions become Jobs`,
      rows: [
        rowOf('tight client, 16 connections', 'Jobs/s', theirs),
        rowOf('scheduler, from the queue', 'Jobs/s', ours, {
          baseline: medianOf(theirs),
          goal: { of: 'median', is: 'at least', bound: rateGoal },
        }),
        rowOf('tight client, first after its start', 'Jobs/s', [cold.theirs]),
        rowOf('scheduler, first after its start', 'Jobs/s', [cold.ours], { baseline: cold.theirs }),
        rowOf('tight client, one Job, idle, p50', 'ms', [quantileOf(direct, 0.5)]),
        rowOf('accepted to Job, idle, p50', 'ms', [quantileOf(waits, 0.5)], {
          baseline: quantileOf(direct, 0.5),
          goal: { of: 'ratio', is: 'at most', bound: idleGoal },
        }),
        rowOf('accepted to Job, idle, p99', 'ms', [quantileOf(waits, 0.99)]),
      ],
    };
  } finally {
    await rival.stop();
    await arrivals.stop();
  }
}

/** Submits while the queue is paused, then lets go. */
async function queuedToJobs(stack: GradingStack, arrivals: JobArrivals, size: number): Promise<number> {
  await stack.queue.pause();
  const ids = await submit(stack, size);
  await queued(stack, size);
  await sleep(settleMs);
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
  await mapLimit(ids, 16, async (submission_id) => {
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

/** A Job as the scheduler makes them. */
async function oneJob(stack: GradingStack, arrivals: JobArrivals): Promise<Job> {
  const [id = ''] = await submit(stack, 1);
  const name = runnerJobName(id, 1);
  await arrivals.of([name]);
  const job = await stack.cluster.api.get<Job>(resourcePath(JOBS, { namespace: stack.namespace, name }));
  await withdraw(stack, arrivals, [id]);
  return job;
}
