import type { Bench, BenchContext } from '../bench.js';
import { inTurn } from '../in-turn.js';
import { type Report, type Row, medianOf, rowOf } from '../report/report.js';
import { type BenchJob, startJob } from '../stack/bench-job.js';
import type { BenchStack } from '../stack/bench-stack.js';
import { MemoryGrowth, residentMiB } from '../stack/memory.js';
import { readFlood, stallFlood } from './flood.js';
import { type Terminal, outputUntil } from './terminal.js';
import { type Way, deployerWays, openTerminal, wayNames, ways } from './ways.js';

/** The least share of the direct way's speed. */
const share = 0.8;
/** MiB by which the deployer may grow while a client reads nothing. */
const growthLimit = 16;
const warmUpBytes = 2_000_000;
const floodBytes = 20_000_000;
/** Much more than all buffers of the system on the way, so that whoever reads on must keep it. */
const stalledBytes = 100_000_000;
const stallMs = 3_000;

/** How fast output of a program in a terminal comes, and what it does to the deployer's memory. */
export const terminalOutput: Bench = { rounds: 5, run };

async function run({ rounds, quick, stack: start }: BenchContext): Promise<Report> {
  const [bytes, stalled] = quick ? [200_000, 2_000_000] : [floodBytes, stalledBytes];
  const stack = await start();
  const job = await startJob(stack, 'output', 'sleep 3600');
  const speeds: Record<Way, number[]> = { direct: [], binary: [], json: [] };
  const growths: Record<Way, number[]> = { direct: [], binary: [], json: [] };
  const stalls: Record<Way, number[]> = { direct: [], binary: [], json: [] };
  try {
    const read = (way: Way, size: number) =>
      inTerminal(stack, job, way, (terminal) => readFlood(terminal, size));
    const note = (values: number[], memory: MemoryGrowth): void => {
      const growth = memory.stop();
      if (growth !== undefined) values.push(growth);
    };
    // A deployer that has done nothing yet grows by its own code: that is not meant.
    for (const way of ways) await read(way, Math.min(bytes, warmUpBytes));
    const atRest = residentMiB(stack.deployerPid);
    // The stalled come first: a flood that was read leaves garbage behind. What a stalled one leaves when it is
    // ended is less than what the next would add if all of it were kept.
    for (let round = 0; round < rounds; round += 1) {
      for (const way of inTurn(deployerWays, round)) {
        await inTerminal(stack, job, way, async (terminal) => {
          const memory = new MemoryGrowth(stack.deployerPid, residentMiB(stack.deployerPid));
          await stallFlood(terminal, stalled, quick ? 200 : stallMs);
          note(stalls[way], memory);
        });
      }
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const way of inTurn(ways, round)) {
        const memory = new MemoryGrowth(stack.deployerPid, atRest);
        const { bytes: count, took } = await read(way, bytes);
        speeds[way].push(count / 1_000 / took);
        note(growths[way], memory);
      }
    }
  } finally {
    await job.remove();
  }
  const memory = (reader: string, values: Record<Way, number[]>, goal: boolean): Row[] =>
    deployerWays.flatMap((way) => {
      if (values[way].length === 0) return [];
      const what = `${wayNames[way]}, growth, ${reader}`;
      return [
        rowOf(
          what,
          'MiB',
          values[way],
          goal ? { goal: { of: 'max', is: 'at most', bound: growthLimit } } : {},
        ),
      ];
    });
  return {
    bench: 'terminal-output',
    rounds,
    about: `${bytes / 1e6} MB of output; a stalled reader reads none of ${stalled / 1e6} MB for ${stallMs / 1_000} s`,
    rows: [
      rowOf(wayNames.direct, 'MB/s', speeds.direct),
      ...deployerWays.map((way) =>
        rowOf(wayNames[way], 'MB/s', speeds[way], {
          baseline: medianOf(speeds.direct),
          goal: { of: 'ratio', is: 'at least', bound: share },
        }),
      ),
      ...memory('fast reader', growths, false),
      ...memory('stalled reader', stalls, true),
    ],
    ...(stack.deployerPid === undefined ? { notes: ['Memory: not told by this system.'] } : {}),
  };
}

/** What is done in one terminal, with the echo of what is typed off. */
async function inTerminal<T>(
  stack: BenchStack,
  job: BenchJob,
  way: Way,
  work: (terminal: Terminal) => Promise<T>,
): Promise<T> {
  const terminal = await openTerminal(stack, job, way);
  try {
    await outputUntil(terminal, 'rea-dy', () => terminal.type("stty -echo; echo rea''-dy\n"));
    return await work(terminal);
  } finally {
    await terminal.close();
  }
}
