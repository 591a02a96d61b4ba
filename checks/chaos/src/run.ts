import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { audit } from '@cloudemy/backend/audit';
import { AssignmentCreate, backendApi, createClient } from '@cloudemy/contracts';
import { repositoryFolder } from '@cloudemy/emulator-stack';
import { leftovers } from './check/leftovers.js';
import { type Report, reportOf } from './check/report.js';
import { settle } from './check/settle.js';
import { inflict } from './faults/inflict.js';
import { feed } from './load/feed.js';
import type { Backend } from './load/submitter.js';
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
  const [fed, faults] = await Promise.all([
    feed({
      backend,
      assignmentId,
      programs,
      submissions,
      cancelEvery,
      run: randomUUID(),
      turn: (index) => timetable.turn(index),
    }),
    disturb(world, plan, timetable, say),
  ]);
  for (const error of fed.refused) say(`${error.message}: ${String(error.cause)}`);
  say(`${fed.acknowledged.length} submissions acknowledged; waiting for the last ones`);
  // Whatever was ended may still be starting.
  const standing = Promise.all([...world.parts.values()].map((part) => part.standing));
  await Promise.race([standing, wait(standWithinMs, undefined, { ref: false })]);
  const shown = await settle(backend, assignmentId, settleMs, (open) => say(`${open} not final yet`));
  const left = await leftovers(world, cleanUpMs);
  const stored = await audit(world.wiring.mongoUri, 'cloudemy');
  for (const { submission_id: id, failure } of shown) if (failure !== null) say(`${id}: ${failure.message}`);
  for (const what of left) say(`left over: ${what}`);
  for (const one of stored) for (const fault of one.faults) say(`${one.submissionId}: ${fault}`);
  for (const part of world.crashes()) say(`${part} ended by itself`);
  return reportOf({
    seed,
    faults,
    acknowledged: fed.acknowledged,
    notAcknowledged: fed.refused.length,
    repeated: fed.repeated,
    shown,
    stored,
    leftovers: left,
    crashes: world.crashes().length,
    seconds: (performance.now() - started) / 1_000,
  });
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
