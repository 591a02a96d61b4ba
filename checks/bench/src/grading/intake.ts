import { mapLimit } from '@cloudemy/async';
import type { Bench, BenchContext } from '../bench.js';
import { type Report, type Row, quantileOf, rowOf } from '../report/report.js';
import { type GradingStack, startGradingStack, submissionOf } from './grading-stack.js';
import { programPid, residentMiB } from '../stack/memory.js';
import { type StoreWrites, openStores } from './store-writes.js';

const clients = [1, 16, 64] as const;
/** MiB; a backend pod may have 512, and lives well inside that. */
const memoryBound = 256;

/**
 * How fast submissions are taken in, by so many clients at a time, and beside it what each store takes for the one
 * write that an accepted submission cannot do without: the insert into MongoDB, and the queue's own addition.
 */
export const intake: Bench = { rounds: 3, run };

async function run({ rounds, quick }: BenchContext): Promise<Report> {
  const size = quick ? 64 : 640;
  // Nothing is to happen to the submissions while they are taken in.
  const stack = await startGradingStack();
  await stack.queue.pause();
  const stores = await openStores(stack);
  const seen = new Map<string, Measured[]>();
  let memory = Number.NaN;
  try {
    for (let round = -1; round < rounds; round += 1) {
      for (const width of clients) {
        for (const [what, work] of ways(stack, stores)) {
          const measured = await measure(size, width, work);
          // The first round warms up what is on the way.
          if (round >= 0)
            seen.set(`${what}, ${width} at a time`, [
              ...(seen.get(`${what}, ${width} at a time`) ?? []),
              measured,
            ]);
        }
      }
    }
    memory = memoryOf(stack);
  } finally {
    await stores.close();
    await stack.close();
  }
  return {
    bench: 'intake',
    rounds,
    about: `${size} writes each, by 1, 16 and 64 clients`,
    rows: [
      ...[...seen].flatMap(([what, measured]) => rowsOf(what, measured)),
      rowOf('memory of the backend, after all this', 'MiB', [memory], {
        goal: { of: 'max', is: 'at most', bound: memoryBound },
      }),
    ],
  };
}

const ways = ({ backend, assignmentId }: GradingStack, stores: StoreWrites) =>
  [
    ['MongoDB insert', () => stores.insert()],
    ['queue addition', () => stores.enqueue()],
    [
      'POST /submissions',
      async () => void (await backend.createSubmission({ body: submissionOf(assignmentId), headers: {} })),
    ],
  ] as const;

/** MiB that the backend's process holds now. */
function memoryOf({ services }: GradingStack): number {
  const backend = services.find(({ name }) => name === 'backend');
  return residentMiB(backend && programPid(backend.process.pid)) ?? Number.NaN;
}

interface Measured {
  p50: number;
  p99: number;
  perSecond: number;
}

async function measure(size: number, width: number, work: () => Promise<void>): Promise<Measured> {
  const times: number[] = [];
  const started = performance.now();
  await mapLimit(Array.from({ length: size }), width, async () => {
    const begun = performance.now();
    await work();
    times.push(performance.now() - begun);
  });
  const perSecond = size / ((performance.now() - started) / 1000);
  return { p50: quantileOf(times, 0.5), p99: quantileOf(times, 0.99), perSecond };
}

function rowsOf(what: string, measured: readonly Measured[]): Row[] {
  return [
    rowOf(
      `${what}, p50`,
      'ms',
      measured.map(({ p50 }) => p50),
    ),
    rowOf(
      `${what}, p99`,
      'ms',
      measured.map(({ p99 }) => p99),
    ),
    rowOf(
      `${what}, rate`,
      'requests/s',
      measured.map(({ perSecond }) => perSecond),
    ),
  ];
}
