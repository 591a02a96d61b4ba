import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { runnerJobName } from '@cloudemy/contracts';
import { type StartedService, freePort, schedulerEnv, startService } from '@cloudemy/emulator-stack';
import type { Bench, BenchContext } from '../bench.js';
import { type Report, rowOf } from '../report/report.js';
import { CountingProxy } from './counting-proxy.js';
import { type GradingStack, startGradingStack } from './grading-stack.js';
import { JobArrivals } from './job-arrivals.js';
import { submit } from './submit.js';

/** Seconds from the start of the process until it takes submissions. */
const goal = 5;
/** Milliseconds in which a scheduler that wants to write about the Jobs it found would have begun to. */
const afterwardsMs = 5_000;

/** Nothing may end while it is looked at. */
const patient = {
  UNSCHEDULABLE_GRACE_MS: '86400000',
  RUNNER_ACTIVE_DEADLINE_SECONDS: '86400',
  SCHEDULED_DEADLINE_MS: '86400000',
  RUNNING_DEADLINE_MS: '172800000',
};

/**
 * How long a scheduler that starts again takes until it works, with thousands of Jobs in the cluster and with none,
 * and what it asks of the API server for it. A submission waits on the queue all the while.
 */
export const recovery: Bench = { rounds: 3, run };

async function run({ rounds, quick }: BenchContext): Promise<Report> {
  const live = quick ? 50 : 5_000;
  const stack = await startGradingStack({ env: patient });
  const arrivals = await JobArrivals.watch(stack.cluster.api, stack.namespace);
  try {
    const restarts = new Restarts(stack, arrivals);
    const empty = await restarts.times(rounds);
    await arrivals.of((await submit(stack, live)).map((id) => runnerJobName(id, 1)));
    const full = await restarts.times(rounds);
    await restarts.end();
    const seconds = (times: readonly Restart[], which: 'ready' | 'firstJob') =>
      times.map((time) => time[which] / 1000);
    const most = { of: 'max', is: 'at most', bound: goal } as const;
    const of = `${live.toLocaleString('en-US')} live Jobs`;
    return {
      bench: 'recovery',
      rounds,
      about: 'a scheduler starts anew while a submission waits on the queue',
      rows: [
        rowOf('no Jobs: ready', 's', seconds(empty, 'ready')),
        rowOf('no Jobs: first Job created', 's', seconds(empty, 'firstJob')),
        rowOf(`${of}: ready`, 's', seconds(full, 'ready'), { goal: most }),
        rowOf(`${of}: first Job created`, 's', seconds(full, 'firstJob'), { goal: most }),
        rowOf(
          `${of}: Jobs written to, besides it`,
          'writes',
          full.map(({ writes }) => writes),
          {
            goal: { of: 'max', is: 'at most', bound: 0 },
          },
        ),
        rowOf(
          `${of}: requests for lists and watches`,
          'requests',
          full.map(({ reads }) => reads),
        ),
      ],
    };
  } finally {
    await arrivals.stop();
    await stack.close();
  }
}

interface Restart {
  /** Milliseconds from the start of the process. */
  ready: number;
  firstJob: number;
  /** Requests about Jobs, besides the creation of the one that waited. */
  writes: number;
  reads: number;
}

class Restarts {
  private running: StartedService | undefined;

  private readonly stack: GradingStack;
  private readonly arrivals: JobArrivals;

  constructor(stack: GradingStack, arrivals: JobArrivals) {
    this.stack = stack;
    this.arrivals = arrivals;

    this.running = stack.services.find(({ name }) => name === 'scheduler');
  }

  async times(rounds: number): Promise<Restart[]> {
    const times: Restart[] = [];
    for (let round = 0; round < rounds; round += 1) times.push(await this.restart());
    return times;
  }

  async end(): Promise<void> {
    await this.running?.process.stop();
  }

  private async restart(): Promise<Restart> {
    const { stack, arrivals } = this;
    await this.end();
    const [id = ''] = await submit(stack, 1);
    const { server } = stack.cluster;
    const proxy = await CountingProxy.before(server);
    try {
      const kubeconfig = `${stack.kubeconfig}.counted`;
      await writeFile(kubeconfig, (await readFile(stack.kubeconfig, 'utf8')).replaceAll(server, proxy.url));
      const started = performance.now();
      this.running = await startService({
        app: 'scheduler',
        port: await freePort(),
        env: schedulerEnv({ ...stack.wiring, kubeconfig }),
        logsFolder: stack.logsFolder,
      });
      const ready = performance.now() - started;
      const [created = Number.NaN] = await arrivals.of([runnerJobName(id, 1)]);
      await sleep(afterwardsMs);
      return {
        ready,
        firstJob: created - started,
        writes: proxy.asked('jobs', ['POST', 'PUT', 'PATCH', 'DELETE']) - 1,
        reads: ['jobs', 'pods', 'events'].reduce((sum, resource) => sum + proxy.asked(resource, ['GET']), 0),
      };
    } finally {
      // The next round brings another; this scheduler is stopped then and cannot say good-bye to the cluster.
      this.running?.process.exited.then(
        () => proxy.close(),
        () => {},
      );
    }
  }
}
