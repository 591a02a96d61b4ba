import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { audit } from '@cloudemy/backend/audit';
import { AssignmentCreate, backendApi, createClient } from '@cloudemy/contracts';
import { repositoryFolder } from '@cloudemy/emulator-stack';
import { answersIn } from './check/answers.js';
import { inSentences } from './check/in-sentences.js';
import { leftovers } from './check/leftovers.js';
import { openStreams } from './check/open-streams.js';
import { receiptFaults } from './check/receipts.js';
import { type Findings, type Report, reportOf } from './check/report.js';
import { everySubmission, settle } from './check/settle.js';
import { inflict } from './faults/inflict.js';
import { feed } from './load/feed.js';
import type { Backend } from './load/submitter.js';
import { observe } from './observe.js';
import type { World } from './parts/world.js';
import { inWords } from './plan/catalogue.js';
import type { Fault } from './plan/plan.js';
import { Timetable } from './plan/timetable.js';

export interface Run {
  submissions: number;
  seed: number;
  plan: readonly Fault[];
  /** Each submission of a number divisible by this is cancelled by its client; none when left out. */
  cancelEvery?: number;
  say: (line: string) => void;
}

/** Milliseconds a client waits for an answer: a backend that is held answers nobody. */
const requestTimeoutMs = 5_000;
/** Milliseconds that parts which were ended may take to start. */
const standWithinMs = 90_000;
/** Milliseconds after the last fault until everything must be final, and until all is cleaned up then. */
const settleMs = 240_000;
const cleanUpMs = 60_000;

/** Submits and disturbs at the same time, then waits and checks. The world stays as it is then. */
export async function run(world: World, { submissions, seed, plan, cancelEvery, say }: Run): Promise<Report> {
  const started = performance.now();
  const backend = createClient(backendApi, {
    baseUrl: world.wiring.backendUrl,
    timeoutMs: requestTimeoutMs,
  });
  const { assignmentId, programs } = await assignment(backend);
  const timetable = new Timetable(plan, submissions);
  const observed = observe(world, () => everySubmission(backend, assignmentId));
  const [fed, faults] = await Promise.all([
    feed({
      backend,
      assignmentId,
      programs,
      submissions,
      cancelEvery,
      onAcknowledged: (id) => observed.submissions.push(id),
      run: randomUUID(),
      turn: (index) => timetable.turn(index),
    }),
    disturb(world, plan, timetable, say),
  ]);
  say(`${fed.acknowledged.length} submissions acknowledged; waiting for the last ones`);
  // Whatever was ended may still be starting.
  const standing = Promise.all([...world.parts.values()].map((part) => part.standing));
  await Promise.race([standing, wait(standWithinMs, undefined, { ref: false })]);
  const shown = await settle(backend, assignmentId, settleMs, (open) => say(`${open} not final yet`));
  const seen = await observed.end(shown);
  const found: Findings = {
    ...seen,
    seed,
    faults,
    acknowledged: fed.acknowledged,
    excused: excused(world, fed.acknowledgedAt),
    notAcknowledged: fed.refused.length,
    repeated: fed.repeated,
    shown,
    receiptsUnfit: await receiptFaults(backend, world.wiring.backendUrl, shown),
    leftovers: await leftovers(world, cleanUpMs),
    leftOpen: await openStreams(world, cleanUpMs),
    stored: await audit(world.wiring.mongoUri, 'cloudemy'),
    answers: await answersIn(world.folders.logs),
    crashes: world.crashes().length,
    seconds: (performance.now() - started) / 1_000,
  };
  for (const error of fed.refused) say(`${error.message}: ${String(error.cause)}`);
  for (const words of inSentences(found, world.crashes())) say(words);
  return reportOf(found);
}

/** Submissions that a restore of the database may have taken: acknowledged after the copy was made. */
function excused({ restored }: World, acknowledgedAt: ReadonlyMap<string, number>): Set<string> {
  const within = [...acknowledgedAt].filter(([, at]) =>
    restored.some(({ from, to }) => at >= from && at <= to),
  );
  return new Set(within.map(([id]) => id));
}

/** @returns how many faults could be inflicted */
async function disturb(
  world: World,
  plan: readonly Fault[],
  timetable: Timetable,
  say: Run['say'],
): Promise<number> {
  const outcomes: Promise<boolean>[] = [];
  for (const [index, fault] of plan.entries()) {
    timetable.begin(index);
    const words = `${index + 1}/${plan.length} ${inWords(fault.disturbance)} for ${fault.holdMs} ms`;
    say(fault.overlaps ? `${words}, while others follow` : words);
    const outcome = inflict(fault, world).catch((error: unknown) => {
      say(`${words} could not be done: ${String(error)}`);
      return false;
    });
    outcomes.push(outcome);
    if (!fault.overlaps) await outcome;
    await wait(fault.restMs);
  }
  return (await Promise.all(outcomes)).filter(Boolean).length;
}

async function assignment(backend: Backend): Promise<{ assignmentId: string; programs: string[] }> {
  const examples = join(repositoryFolder, 'examples');
  const read = (...path: string[]): Promise<string> => readFile(join(examples, ...path), 'utf8');
  const body = AssignmentCreate.parse(JSON.parse(await read('assignments', 'merge-intervals.json')));
  const programs = await Promise.all(
    ['good.py', 'flawed.py', 'manipulating.py'].map((file) => read('submissions', 'merge-intervals', file)),
  );
  const { assignment_id: assignmentId } = await backend.createAssignment({ body });
  return { assignmentId, programs };
}
