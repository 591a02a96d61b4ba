import type { Bench, BenchContext } from '../bench.js';
import { inTurn } from '../in-turn.js';
import { type Report, medianOf, rowOf } from '../report/report.js';
import { startJob } from '../stack/bench-job.js';
import { MemoryGrowth, residentMiB } from '../stack/memory.js';
import { readDirect, readThroughDeployer } from './read-log.js';

/** The least share of the direct way's speed. */
const share = 0.8;

/**
 * How fast a followed log comes. It is complete before it is read, and its Job runs on, so that neither who
 * writes it nor the end of the Job is measured. The measure is the same request that the deployer makes: lines with
 * their times, by which a reader that comes back continues where it was.
 */
export const logs: Bench = { rounds: 5, run };

async function run({ rounds, quick, stack: start }: BenchContext): Promise<Report> {
  const lines = quick ? 2_000 : 200_000;
  const stack = await start();
  // Numbers alone: with the 40 bytes that the kubelet puts before each line they stay below the 10 MiB at which
  // it begins another file.
  const job = await startJob(stack, 'logs', `seq ${lines}; sleep 3600`);
  const ways = {
    bare: () => readDirect(stack, job, { lines }),
    stamped: () => readDirect(stack, job, { lines, timestamps: true }),
    deployer: () => readThroughDeployer(stack, job, { lines }),
  };
  const names = ['bare', 'stamped', 'deployer'] as const;
  const speeds: Record<keyof typeof ways, number[]> = { bare: [], stamped: [], deployer: [] };
  const growths: number[] = [];
  try {
    // The first reading waits for the last line to be written, and warms up.
    for (const name of names) await ways[name]();
    const atRest = residentMiB(stack.deployerPid);
    for (let round = 0; round < rounds; round += 1) {
      for (const name of inTurn(names, round)) {
        const memory = new MemoryGrowth(stack.deployerPid, atRest);
        speeds[name].push((lines / (await ways[name]())) * 1_000);
        const growth = memory.stop();
        if (name === 'deployer' && growth !== undefined) growths.push(growth);
      }
    }
  } finally {
    await job.remove();
  }
  return {
    bench: 'logs',
    rounds,
    about: `a followed log of ${lines} lines, none missing, none repeated`,
    rows: [
      rowOf('direct, lines alone', 'lines/s', speeds.bare),
      rowOf('direct, with their times', 'lines/s', speeds.stamped),
      rowOf('deployer, events', 'lines/s', speeds.deployer, {
        baseline: medianOf(speeds.stamped),
        goal: { of: 'ratio', is: 'at least', bound: share },
      }),
      ...(growths.length === 0 ? [] : [rowOf('deployer, growth', 'MiB', growths)]),
    ],
  };
}
