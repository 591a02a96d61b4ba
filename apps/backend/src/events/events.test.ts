import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Assignment, SubmissionEvent } from '@cloudemy/contracts';
import { claim, createAssignment, deliver, exampleResult, submit } from '../testing/grading.js';
import { type Replica, type TestStores, startStores } from '../testing/harness.js';

let stores: TestStores;
let here: Replica;
let there: Replica;
let assignment: Assignment;
beforeAll(async () => {
  stores = await startStores();
  // No poll in the time of a test: only hints can wake a stream of this replica.
  here = await stores.start({ EVENTS_POLL_MS: '600000' });
  there = await stores.start();
  assignment = await createAssignment(here);
});
afterAll(() => stores.close());

interface Reader {
  answer: Response;
  /** The next event; undefined at the end of the stream. */
  next(): Promise<SubmissionEvent | undefined>;
  /** Everything up to the end. */
  rest(): Promise<SubmissionEvent[]>;
  leave(): void;
}

async function follow(replica: Replica, id: string, lastEventId?: string): Promise<Reader> {
  const gone = new AbortController();
  const answer = await replica.fetch(`/submissions/${id}/events`, {
    headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
    signal: gone.signal,
  });
  const events = parse(answer);
  const next = async (): Promise<SubmissionEvent | undefined> => (await events.next()).value ?? undefined;
  return {
    answer,
    next,
    rest: async () => {
      const all: SubmissionEvent[] = [];
      for (let event = await next(); event !== undefined; event = await next()) all.push(event);
      return all;
    },
    leave: () => {
      gone.abort();
    },
  };
}

async function* parse({ body }: Response): AsyncGenerator<SubmissionEvent, undefined> {
  let text = '';
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks.filter((one) => !one.startsWith(':'))) {
      const lines = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)));
      const event = SubmissionEvent.parse(JSON.parse(String(lines['data'])));
      expect(lines).toMatchObject({ event: 'status', id: String(event.seq) });
      yield event;
    }
  }
  return undefined;
}

const states = (events: SubmissionEvent[]): string[] => events.map(({ status }) => status);

test('tells one replica what another did, to the end', async () => {
  const submission = await submit(there, assignment);
  const { submission_id: id } = submission;
  const reader = await follow(here, id);
  expect(reader.answer.headers.get('content-type')).toMatch('text/event-stream');
  await expect(reader.next()).resolves.toMatchObject({ seq: 1, status: 'queued', final: false });
  const token = await claim(there, submission);
  await expect(reader.next()).resolves.toMatchObject({ seq: 2, status: 'scheduled', actor: 'scheduler' });
  await there.api.reportStarted({
    params: { submission_id: id },
    headers: { 'x-result-token': token },
  });
  await expect(reader.next()).resolves.toMatchObject({ seq: 3, status: 'running', actor: 'runner' });
  await deliver(there, id, token, exampleResult);
  const last = { seq: 4, status: 'graded', final: true, score: 7, max_score: 10, failure: null };
  await expect(reader.next()).resolves.toMatchObject(last);
  await expect(reader.next()).resolves.toBeUndefined();
});

test('goes on after Last-Event-ID, and says when nothing follows', async () => {
  const submission = await submit(here, assignment);
  const { submission_id: id } = submission;
  await deliver(here, id, await claim(here, submission), exampleResult);
  const reader = await follow(here, id, '1');
  expect(states(await reader.rest())).toEqual(['scheduled', 'graded']);
  for (const past of ['3', '9']) {
    const { answer } = await follow(here, id, past);
    expect([answer.status, await answer.text()]).toEqual([204, '']);
  }
  const bad = await here.fetch(`/submissions/${id}/events`, { headers: { 'last-event-id': 'x' } });
  expect(bad.status).toBe(422);
});

test('takes an id that was never given for the last one: what comes is news', async () => {
  const submission = await submit(here, assignment);
  const { submission_id: id } = submission;
  const reader = await follow(here, id, '9');
  await deliver(here, id, await claim(here, submission), exampleResult);
  expect(states(await reader.rest())).toEqual(['scheduled', 'graded']);
});

test('does not take the end of an earlier attempt for the end', async () => {
  const submission = await submit(here, assignment);
  const params = { submission_id: submission.submission_id };
  await here.api.cancelSubmission({ params });
  await there.api.regradeSubmission({ params });
  const reader = await follow(here, params.submission_id);
  const first = [await reader.next(), await reader.next(), await reader.next()];
  expect(first.map((event) => [event?.status, event?.attempt, event?.final])).toEqual([
    ['queued', 1, false],
    ['cancelled', 1, false],
    ['queued', 2, false],
  ]);
  await there.api.cancelSubmission({ params });
  expect((await reader.rest()).map(({ status, final }) => [status, final])).toEqual([['cancelled', true]]);
});

test('misses nothing and repeats nothing when no hint arrives', async () => {
  // Nothing listens there, so this replica has nothing but its poll.
  const deaf = await stores.start({ REDIS_URL: 'redis://127.0.0.1:1' });
  const submission = await submit(here, assignment);
  const reader = await follow(deaf, submission.submission_id);
  await reader.next();
  const token = await claim(here, submission);
  await deliver(here, submission.submission_id, token, exampleResult);
  expect(states(await reader.rest())).toEqual(['scheduled', 'graded']);
});

test('tells many readers the same', async () => {
  const submission = await submit(here, assignment);
  const readers = await Promise.all(
    Array.from({ length: 60 }, (_, n) => follow(n % 2 === 0 ? here : there, submission.submission_id)),
  );
  const token = await claim(here, submission);
  await deliver(there, submission.submission_id, token, exampleResult);
  const heard = await Promise.all(readers.map((reader) => reader.rest()));
  for (const events of heard) expect(states(events)).toEqual(['queued', 'scheduled', 'graded']);
});

test('forgets readers who leave, and ends the others when the backend stops', async () => {
  const own = await stores.start();
  const submission = await submit(own, assignment);
  const leaving = await follow(own, submission.submission_id);
  const staying = await follow(own, submission.submission_id);
  await leaving.next();
  await staying.next();
  leaving.leave();
  await expect(own.stop()).resolves.toBe(true);
  await expect(staying.rest()).resolves.toEqual([]);
});

test('knows no stream of another submission', async () => {
  expect((await here.fetch('/submissions/ffffffffffffffffffffffff/events')).status).toBe(404);
});
