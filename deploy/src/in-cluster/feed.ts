// Hands in submissions until it is told to stop, then waits until each is graded; a line now and then. A request that
// is refused for now is sent again under its idempotency key, as a client would: it is not another submission.
import { existsSync } from 'node:fs';
import {
  archiveAssignment,
  call,
  createAssignment,
  pause,
  Refused,
  run,
  setting,
  signIn,
  step,
} from './client.js';

/** Before a request is sent again, and between two looks at a submission; milliseconds. */
const pauseMs = 250;
const sayEvery = 20;
/** How long one request may be refused before it counts as lost; milliseconds. */
const timeoutMs = 120_000;

let retried = 0;

/** Whether to try again: nobody there, not ready, or too much at once. */
const passes = (error: unknown): boolean =>
  !(error instanceof Refused) || error.status >= 500 || error.status === 429;

async function insist<T>(request: () => Promise<T>): Promise<T> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await request();
    } catch (error) {
      if (!passes(error) || Date.now() > until) throw error;
      retried += 1;
      await pause(pauseMs);
    }
  }
}

async function feed(backend: string, assignment: string): Promise<string[]> {
  const stopFile = setting('STOP_FILE');
  const intervalMs = Number(setting('INTERVAL_MS'));
  const ids: string[] = [];
  while (!existsSync(stopFile)) {
    const number = ids.length + 1;
    const key = { 'idempotency-key': `${assignment}-${number}` };
    const body = { assignment_id: assignment, code: `def add(a, b):\n    return a + b  # ${number}\n` };
    const created = await insist(() => call('POST', `${backend}/submissions`, body, key));
    ids.push(String(created['submission_id']));
    if (number % sayEvery === 1) step(`handed in: ${number}`);
    await pause(intervalMs);
  }
  return ids;
}

/** What happened to a submission, in words; undefined when it was graded. */
async function failureOf(backend: string, id: string): Promise<string | undefined> {
  for (;;) {
    const { status, failure } = await insist(() => call('GET', `${backend}/submissions/${id}`));
    if (status === 'graded') return undefined;
    if (status === 'failed' || status === 'cancelled') {
      return `${id} ${status}: ${String(Object(failure)['message'] ?? '')}`;
    }
    await pause(pauseMs);
  }
}

await run(async () => {
  const backend = setting('BACKEND_URL');
  await signIn(backend);
  const assignment = await createAssignment(backend, 'Upgrade check');
  const ids = await feed(backend, assignment);
  step(`handed in: ${ids.length}, the last; waiting until all are graded`);
  const failures: string[] = [];
  for (const id of ids) {
    const failure = await failureOf(backend, id);
    if (failure !== undefined) failures.push(failure);
  }
  await archiveAssignment(backend, assignment);
  if (failures.length > 0)
    throw new Error(`${failures.length} of ${ids.length} were not graded: ${failures.join('; ')}`);
  step(`graded: ${ids.length} of ${ids.length}; requests sent again: ${retried}`);
});
