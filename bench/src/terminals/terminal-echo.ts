import { type NodeProgram, startNodeProgram } from '@cloudemy/local-stack';
import { fileURLToPath } from 'node:url';
import type { Bench, BenchContext } from '../bench.js';
import { inTurn } from '../in-turn.js';
import { type Report, type Row, type RowOptions, medianOf, quantileOf, rowOf } from '../report/report.js';
import { startJob } from '../stack/bench-job.js';
import type { BenchStack } from '../stack/bench-stack.js';
import { openDirect } from './direct-terminal.js';
import { type Terminal, outputUntil } from './terminal.js';
import { openTerminal, wayNames, ways } from './ways.js';

/** How many times its measure the median echo through the deployer may take. */
const limit = 1.3;
const letters = 'abcdefghijklmnopqrstuvwxyz';

/** A terminal, and how long its echoes took: milliseconds by round. */
interface Rival {
  what: string;
  terminal: Terminal;
  rounds: number[][];
}

/**
 * What it feels like to type: from the keystroke until its echo is on the client's side. The terminal itself
 * echoes, as no program in the pod reads letter by letter, so that the way is measured and nothing else.
 *
 * A direct echo takes about 1 ms on a real cluster. The embedded one is a neighbouring process and takes a
 * quarter of that, so that a relay which does nothing misses the goal: there the relay is the measure.
 */
export const terminalEcho: Bench = { rounds: 5, run };

async function run({ rounds, quick, stack: start }: BenchContext): Promise<Report> {
  const keystrokes = quick ? 20 : 1_000;
  const stack = await start();
  const job = await startJob(stack, 'echo', 'sleep 3600');
  const relay = stack.isEmbedded ? startRelay(stack) : undefined;
  const rivals: Rival[] = [];
  try {
    const join = (what: string, terminal: Terminal) => rivals.push({ what, terminal, rounds: [] });
    for (const way of ways) {
      join(wayNames[way], await openTerminal(stack, job, way));
      if (way !== 'direct' || relay === undefined) continue;
      join('direct, by an empty relay', await openDirect(stack, job, Number(await relay.firstLine)));
    }
    for (const { terminal } of rivals) {
      await outputUntil(terminal, 'typ-ing', () => terminal.type("echo typ''-ing; exec cat >/dev/null\n"));
    }
    await typeInTurn(rivals, keystrokes);
    // That was to warm up what is on the way.
    for (const rival of rivals) rival.rounds = [];
    for (let round = 0; round < rounds; round += 1) await typeInTurn(rivals, keystrokes);
  } finally {
    for (const { terminal } of rivals) await terminal.close();
    await relay?.stop();
    await job.remove();
  }
  return {
    bench: 'terminal-echo',
    rounds,
    about: `from a keystroke to its echo, ${keystrokes} keystrokes each`,
    rows: relay === undefined ? rowsAgainst(rivals, 1) : rowsAgainst(rivals, 2),
    ...(relay === undefined ? {} : { notes: [relayNote] }),
  };
}

const relayNote =
  'Embedded cluster: the relay is the measure of the deployer, for a direct echo takes a fraction of the 1 ms of a real one.';

/** @param measures how many of the rivals, the first ones, are not the deployer; the last of them is its measure */
function rowsAgainst(rivals: readonly Rival[], measures: number): Row[] {
  const p50 = (rival: Rival | undefined) => (rival?.rounds ?? []).map((times) => quantileOf(times, 0.5));
  const p99 = ({ rounds }: Rival) => rounds.map((times) => quantileOf(times, 0.99));
  const direct = medianOf(p50(rivals[0]));
  const measure = medianOf(p50(rivals[measures - 1]));
  const options = (index: number): RowOptions => {
    if (index === 0) return {};
    if (index < measures) return { baseline: direct };
    return { baseline: measure, goal: { of: 'ratio', is: 'at most', bound: limit } };
  };
  return [
    ...rivals.map((rival, index) => rowOf(`${rival.what}, p50`, 'ms', p50(rival), options(index))),
    ...rivals.map((rival) => rowOf(`${rival.what}, p99`, 'ms', p99(rival))),
    ...(measures === 1
      ? []
      : rivals
          .slice(measures)
          .map((rival) => rowOf(`${rival.what}, p50 to direct`, 'ms', p50(rival), { baseline: direct }))),
  ];
}

function startRelay({ cluster, folder }: BenchStack): NodeProgram {
  const script = fileURLToPath(new URL('relay.js', import.meta.url));
  const { port } = new URL(cluster.server);
  return startNodeProgram({ name: 'relay', script, args: [port], logFile: `${folder}/logs/relay.log` });
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
