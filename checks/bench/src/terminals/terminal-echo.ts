import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startNodeProgram } from '@cloudemy/emulator-stack';
import type { Bench, BenchContext } from '../bench.js';
import { inTurn } from '../in-turn.js';
import { type Report, type Row, type RowOptions, medianOf, quantileOf, rowOf } from '../report/report.js';
import { startJob } from '../stack/bench-job.js';
import { type BenchStack, startBenchStack } from '../stack/bench-stack.js';
import { type Terminal, outputUntil } from './terminal.js';
import { type Way, openTerminal, wayNames, ways } from './ways.js';

/** How many times its measure the median echo through the deployer may take. */
const limit = 1.3;
/** Milliseconds that the API server's answers take more, where it is moved away. */
const distanceMs = 1;
const letters = 'abcdefghijklmnopqrstuvwxyz';

/** A way to a shell, and how long its echoes took: milliseconds by round. */
interface Rival {
  way: Way;
  terminal: Terminal;
  rounds: number[][];
}

/**
 * What it feels like to type: from the keystroke until its echo is on the client's side. The terminal itself
 * echoes, as no program in the pod reads letter by letter, so that the way is measured and nothing else.
 *
 * The goal is for a cluster whose direct echo takes a millisecond or more, as a real one's does. The embedded one
 * is a neighbouring process with a fifth of that, less than any process in between costs: there the goal is held
 * with its API server moved a millisecond away, for the direct terminal and the deployer alike.
 */
export const terminalEcho: Bench = { rounds: 5, run };

async function run({ rounds, quick, stack: start }: BenchContext): Promise<Report> {
  const keystrokes = quick ? 20 : 1_000;
  const stack = await start();
  const measured = await echoTimes(stack, rounds, keystrokes);
  const rows = stack.isEmbedded
    ? [...rowsOf(measured, 'near: '), ...rowsOf(await farAway(stack, rounds, keystrokes), '', limit)]
    : rowsOf(measured, '', limit);
  return {
    bench: 'terminal-echo',
    rounds,
    about: `from a keystroke to its echo, ${keystrokes} keystrokes each`,
    rows,
    ...(stack.isEmbedded ? { notes: [distanceNote] } : {}),
  };
}

const distanceNote =
  'Embedded cluster: "near" is as it is, a neighbouring process; the others with its API server 1 ms away, as a real one is.';

/** The same with a deployer of its own, whose API server is as far away as a real one. */
async function farAway(near: BenchStack, rounds: number, keystrokes: number): Promise<Rival[]> {
  const script = fileURLToPath(new URL('relay.js', import.meta.url));
  const { port } = new URL(near.cluster.server);
  const relay = startNodeProgram({
    name: 'relay',
    script,
    args: [port, String(distanceMs)],
    logFile: join(near.folder, 'logs', 'relay.log'),
  });
  try {
    const kubeconfig = join(near.folder, 'far-kubeconfig');
    const config = await readFile(near.kubeconfig, 'utf8');
    await writeFile(kubeconfig, config.replaceAll(`:${port}`, `:${await relay.firstLine}`));
    const far = await startBenchStack(kubeconfig);
    try {
      return await echoTimes(far, rounds, keystrokes);
    } finally {
      await far.close();
    }
  } finally {
    await relay.stop();
  }
}

/** Types in a terminal of each way, in turn. */
async function echoTimes(stack: BenchStack, rounds: number, keystrokes: number): Promise<Rival[]> {
  const job = await startJob(stack, 'echo', 'sleep 3600');
  const rivals: Rival[] = [];
  try {
    for (const way of ways) {
      rivals.push({ way, terminal: await openTerminal(stack, job, way), rounds: [] });
    }
    for (const { terminal } of rivals) {
      await outputUntil(terminal, 'typ-ing', () => terminal.type("echo typ''-ing; exec cat >/dev/null\n"));
    }
    await typeInTurn(rivals, keystrokes);
    // That was to warm up what is on the way.
    for (const rival of rivals) rival.rounds = [];
    for (let round = 0; round < rounds; round += 1) await typeInTurn(rivals, keystrokes);
    return rivals;
  } finally {
    for (const { terminal } of rivals) await terminal.close();
    await job.remove();
  }
}

/** @param bound of the ratio of the deployer's median to the direct one; none when it is only shown */
function rowsOf(rivals: readonly Rival[], prefix: string, bound?: number): Row[] {
  const by = ({ rounds }: Rival, share: number) => rounds.map((times) => quantileOf(times, share));
  const direct = rivals.find(({ way }) => way === 'direct');
  const baseline = medianOf(direct === undefined ? [] : by(direct, 0.5));
  const options = ({ way }: Rival): RowOptions => {
    if (way === 'direct') return {};
    return bound === undefined ? { baseline } : { baseline, goal: { of: 'ratio', is: 'at most', bound } };
  };
  return [
    ...rivals.map((rival) =>
      rowOf(`${prefix}${wayNames[rival.way]}, p50`, 'ms', by(rival, 0.5), options(rival)),
    ),
    ...rivals.map((rival) => rowOf(`${prefix}${wayNames[rival.way]}, p99`, 'ms', by(rival, 0.99))),
  ];
}

async function typeInTurn(rivals: readonly Rival[], keystrokes: number): Promise<void> {
  const times = new Map(rivals.map((rival) => [rival, [] as number[]]));
  for (let stroke = 0; stroke < keystrokes; stroke += 1) {
    const letter = letters[stroke % letters.length] ?? 'a';
    for (const rival of inTurn(rivals, stroke)) {
      const { terminal } = rival;
      times.get(rival)?.push(await echoTime(terminal, letter));
      // A terminal keeps a line of 4,095 characters at most until it is ended.
      if (letter === 'z') await outputUntil(terminal, '\n', () => terminal.type('\n'));
    }
  }
  for (const [rival, taken] of times) rival.rounds.push(taken);
}

/** Milliseconds from a keystroke to its echo. */
async function echoTime(terminal: Terminal, letter: string): Promise<number> {
  let took = 0;
  const start = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  terminal.listen((bytes) => {
    took = performance.now() - start;
    const echo = bytes.toString();
    if (echo === letter) resolve();
    else reject(new Error(`typed ${letter}, got ${JSON.stringify(echo)}`));
  });
  terminal.type(letter);
  await promise;
  return took;
}
