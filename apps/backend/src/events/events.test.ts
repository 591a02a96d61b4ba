import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { readEvents, until } from '@cloudemy/testing';
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
  for await (const { event: kind, id, data } of readEvents(body)) {
    const event = SubmissionEvent.parse(JSON.parse(data));
    expect([kind, id]).toEqual(['status', String(event.seq)]);
    yield event;
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

/** What the gauge of open streams says, counted again at every poll of the replica. */
async function openStreams(replica: Replica): Promise<number> {
  const text = await (await replica.fetch('/metrics')).text();
  return Number(/^submission_event_streams(?:\{.*\})? (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
}

test('500 readers that leave at once, at any moment of their request, leave nothing behind', async () => {
  const submission = await submit(there, assignment);
  const staying = await follow(there, submission.submission_id);
  await staying.next();
  await Promise.all(
    Array.from({ length: 500 }, (_, n) => leaveAfter(there, submission.submission_id, n % 20)),
  );
  await until(async () => (await openStreams(there)) === 1);
  staying.leave();
  await until(async () => (await openStreams(there)) === 0);
});

/** Sends a request for events and closes its connection some turns of the event loop later. */
async function leaveAfter(replica: Replica, id: string, turns: number): Promise<void> {
  const { port } = new URL(replica.base);
  const socket = connect(Number(port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`GET /submissions/${id}/events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  for (let turn = 0; turn < turns; turn += 1) await setImmediate();
  socket.destroy();
}

test('one reader too many is refused in words, and let in when another has left', async () => {
  const narrow = await stores.start({ MAX_EVENT_STREAMS_PER_USER: '2' });
  const { submission_id: id } = await submit(narrow, assignment);
  const readers = [await follow(narrow, id), await follow(narrow, id)];
  const refused = await narrow.fetch(`/submissions/${id}/events`);
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('10');
  expect(await refused.json()).toMatchObject({ detail: expect.stringContaining('2 live streams') });
  readers[0]?.leave();
  await until(async () => {
    const reader = await follow(narrow, id);
    reader.leave();
    return reader.answer.status === 200;
  });
  readers[1]?.leave();
});

test('an address has a limit of its own', async () => {
  const narrow = await stores.start({ MAX_EVENT_STREAMS_PER_ADDRESS: '1' });
  const { submission_id: id } = await submit(narrow, assignment);
  const reader = await follow(narrow, id);
  const refused = await narrow.fetch(`/submissions/${id}/events`);
  expect(refused.status).toBe(429);
  expect(await refused.json()).toMatchObject({ detail: expect.stringContaining('from your address') });
  reader.leave();
});
