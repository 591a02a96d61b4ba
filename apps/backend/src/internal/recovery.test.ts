import { until } from '@cloudemy/testing';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Assignment, Failure, Submission } from '@cloudemy/contracts';
import { Redis } from 'ioredis';
import { claim, createAssignment, deliver, exampleResult, path, read, submit } from '../testing/grading.js';
import { type Env, type Replica, type TestStores, serviceAuth, startStores } from '../testing/harness.js';

const program = fileURLToPath(new URL('../../dist/commands/dead-letters.js', import.meta.url));

let stores: TestStores;
let backend: Replica;
let assignment: Assignment;
let redis: Redis;
const brief: Replica[] = [];
beforeAll(async () => {
  stores = await startStores();
  redis = new Redis(stores.redisUrl);
  backend = await stores.start({ RETRY_BACKOFF_MS: '400', MAX_AUTOMATIC_ATTEMPTS: '3' });
  assignment = await createAssignment(backend);
});
afterEach(async () => {
  for (const replica of brief.splice(0)) await replica.stop();
});
afterAll(async () => {
  await redis.quit();
  await stores.close();
});

/** A backend on a database of its own, so that its clock is nobody else's. */
async function startOwn(env: Env): Promise<{ own: Replica; task: Assignment }> {
  const own = await stores.start({ DB_NAME: `own${brief.length}${Date.now()}`, ...env });
  brief.push(own);
  return { own, task: await createAssignment(own) };
}

const busy = {
  code: 'llm_rate_limited',
  message: 'The model has too much to do.',
  retryable: true,
} as const satisfies Failure;

const fail = (submission: Submission, failure: Failure, at = backend) =>
  at.api.reportJobs(
    { body: { items: [{ kind: 'failed', ...ref(submission), failure }] } },
    { headers: serviceAuth },
  );
const ref = ({ submission_id, attempt }: Submission) => ({ submission_id, attempt });

describe('an attempt that failed where trying again can help', () => {
  test('is tried again after a pause, a few times, and every attempt can be seen', async () => {
    const submission = await submit(backend, assignment);
    const { submission_id: id } = submission;
    let current = submission;
    for (const attempt of [1, 2]) {
      const token = await claim(backend, current);
      const failed = { status: 'failed', failure: busy };
      const answer = await deliver(backend, id, token, failed);
      expect(await answer.json()).toMatchObject({ status: 'failed', attempt });
      const repeat = await deliver(backend, id, token, failed);
      expect([repeat.status, await repeat.json()]).toEqual([200, expect.objectContaining({ attempt })]);
      current = await read(backend, submission);
      expect(current).toMatchObject({
        status: 'queued',
        attempt: attempt + 1,
        failure: null,
        waiting: { code: 'retry', message: expect.stringMatching(/too much to do.*tried again in 1 s/) },
      });
    }
    await claim(backend, current);
    await fail(current, busy);
    const ended = await read(backend, submission);
    expect(ended).toMatchObject({ status: 'failed', attempt: 3, failure: busy, waiting: null });
    expect(path(ended)).toEqual([
      'queued',
      'scheduled',
      'queued',
      'scheduled',
      'queued',
      'scheduled',
      'failed',
    ]);
    expect(ended.attempts.map(({ status, failure }) => [status, failure?.code])).toEqual(
      [1, 2, 3].map(() => ['failed', busy.code]),
    );
    // A person may ask for three more.
    const params = { submission_id: id };
    const again = await backend.api.regradeSubmission({ params });
    await fail(again, busy);
    await expect(read(backend, submission)).resolves.toMatchObject({ status: 'queued', attempt: 5 });
    await expect(backend.api.cancelSubmission({ params })).resolves.toMatchObject({ status: 'cancelled' });
  });

  test('is held back on the queue for as long as was said, even if the queue is lost', async () => {
    const { own, task } = await startOwn({ RETRY_BACKOFF_MS: '600000' });
    const submission = await submit(own, task);
    await fail(submission, busy, own);
    const score = () => redis.zscore('queue:submissions:delayed', `${submission.submission_id}-2`);
    await until(async () => (await score()) !== null);
    await redis.flushall();
    await until(async () => (await score()) !== null);
    // The first attempt was tried within the pause, spread by a quarter.
    const job = await redis.hgetall(`queue:submissions:${submission.submission_id}-2`);
    expect(Number(job['delay'])).toBeGreaterThan(200_000);
    expect((await read(own, submission)).queue).toBeNull();
  });

  test('is not tried again where nothing would change, nor after a cancellation', async () => {
    const submission = await submit(backend, assignment);
    await fail(submission, { code: 'start_error', message: 'No such image.', retryable: false });
    await expect(read(backend, submission)).resolves.toMatchObject({ status: 'failed', attempt: 1 });
    const other = await submit(backend, assignment);
    await backend.api.cancelSubmission({ params: { submission_id: other.submission_id } });
    await fail(other, busy);
    await expect(read(backend, other)).resolves.toMatchObject({ status: 'cancelled', attempt: 1 });
  });

  test('slows new Jobs down, on every replica, when the model was too busy', async () => {
    await redis.del(...(await redis.keys('cloudemy:llm:*')), 'none');
    const { own, task } = await startOwn({});
    const submission = await submit(own, task);
    await fail(submission, busy, own);
    const body = { items: [ref(await submit(backend, assignment))] };
    await until(async () => {
      const { llm } = await backend.api.claimSubmissions({ body }, { headers: serviceAuth });
      return llm.rate_limited_recent === 1;
    });
    const next = await submit(backend, assignment);
    await expect(read(backend, next)).resolves.toMatchObject({
      status: 'queued',
      waiting: { code: 'llm_busy', message: expect.stringMatching(/for their number, 1 in the last minute/) },
    });
    await claim(backend, next);
    await expect(read(backend, next)).resolves.toMatchObject({ status: 'scheduled', waiting: null });
  });
});

describe('a state that lasts too long', () => {
  const env = { MAX_AUTOMATIC_ATTEMPTS: '1' };

  test.each([
    ['queued', { QUEUED_DEADLINE_MS: '300' }, 'queue_timeout', /could not be started within 1 second/],
    ['scheduled', { SCHEDULED_DEADLINE_MS: '300' }, 'start_timeout', /did not begin within 1 second/],
    [
      'running',
      { RUNNING_DEADLINE_MS: '1001', RUNNER_ACTIVE_DEADLINE_SECONDS: '1' },
      'deadline_exceeded',
      /did not deliver a result within/,
    ],
  ])('%s: ends with a reason', async (status, deadline, code, message) => {
    const { own, task } = await startOwn({ ...env, ...deadline });
    const submission = await submit(own, task);
    if (status !== 'queued') {
      const token = await claim(own, submission);
      if (status === 'running') {
        const params = { submission_id: submission.submission_id };
        await own.api.reportStarted({ params, headers: { 'x-result-token': token } });
      }
    }
    await until(async () => (await read(own, submission)).status === 'failed');
    const failed = await read(own, submission);
    expect(failed.failure).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(failed.history.at(-1)).toMatchObject({ actor: 'backend' });
  });

  test('says what stood in the way, where that is known, and is tried again', async () => {
    const { own, task } = await startOwn({ SCHEDULED_DEADLINE_MS: '600', RETRY_BACKOFF_MS: '60000' });
    const submission = await submit(own, task);
    await claim(own, submission);
    const why = { code: 'unschedulable', message: 'No node has 2 CPUs free.' };
    const items = [{ kind: 'waiting' as const, ...ref(submission), ...why }];
    await own.api.reportJobs({ body: { items } }, { headers: serviceAuth });
    await until(async () => (await read(own, submission)).attempt === 2);
    const { attempts } = await read(own, submission);
    expect(attempts[0]?.failure).toMatchObject({
      code: 'unschedulable',
      message: expect.stringMatching(/^No node has 2 CPUs free\. That did not change within/),
    });
  });
});

test('lists what is scheduled or running, page by page', async () => {
  const { own, task } = await startOwn({});
  const all = await Promise.all(Array.from({ length: 5 }, () => submit(own, task)));
  for (const one of all.slice(0, 4)) await claim(own, one);
  const items = all.slice(0, 2).map((one) => ({ kind: 'running' as const, ...ref(one) }));
  await own.api.reportJobs({ body: { items } }, { headers: serviceAuth });
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: 1, ...(cursor === undefined ? {} : { cursor }) };
    const page = await own.api.listActiveAttempts({ query }, { headers: serviceAuth });
    seen.push(...page.items.map((item) => `${item.status} ${item.submission_id}-${item.attempt}`));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  const sorted = (some: Submission[]) =>
    some.map((one) => one.submission_id).toSorted((a, b) => (a < b ? -1 : 1));
  expect(seen).toEqual([
    ...sorted(all.slice(2, 4)).map((id) => `scheduled ${id}-1`),
    ...sorted(all.slice(0, 2)).map((id) => `running ${id}-1`),
  ]);
  const bad = await own.fetch('/internal/submissions/active?cursor=nonsense', { headers: serviceAuth });
  expect(bad.status).toBe(422);
});

describe('a dead letter', () => {
  const report = (
    submission: Submission | null,
    payload = '{"broken":true}',
    cause: 'damaged' | 'given_up' = 'damaged',
  ) =>
    backend.api.reportDeadLetter(
      {
        body: {
          queue_job: `job of ${submission?.submission_id}`,
          payload,
          reason: 'not a submission',
          cause,
          submission_id: submission?.submission_id ?? null,
          attempt: null,
        },
      },
      { headers: serviceAuth },
    );
  const replay = (dead_letter_id: string) =>
    backend.fetch(`/internal/dead-letters/${dead_letter_id}/replay`, {
      method: 'POST',
      headers: serviceAuth,
    });

  test('that the queue gave up fails its submission as such, and is worth another try', async () => {
    const submission = await submit(backend, assignment);
    await report(submission, '{"whole":true}', 'given_up');
    const failed = await read(backend, submission);
    expect(failed.failure).toMatchObject({ code: 'queue_timeout', retryable: true });
  });

  test('is kept once, ends its submission, and is replayed once', async () => {
    const submission = await submit(backend, assignment);
    const [letter, repeated] = [await report(submission), await report(submission)];
    expect(repeated).toEqual(letter);
    const failed = await read(backend, submission);
    expect(failed).toMatchObject({ status: 'failed', failure: { code: 'internal_error' } });
    const { items } = await backend.api.listDeadLetters({ query: { limit: 1 } }, { headers: serviceAuth });
    expect(items).toEqual([letter]);
    for (let time = 0; time < 2; time += 1) {
      const answer = await replay(letter.dead_letter_id);
      expect(await answer.json()).toMatchObject({ replayed_at: expect.any(String), payload: letter.payload });
    }
    const replayed = await read(backend, submission);
    expect(replayed).toMatchObject({ status: 'queued', attempt: 2 });
    expect(replayed.history.at(-1)).toMatchObject({ actor: 'operator' });
  });

  const command = (args: string[], token = 'service-token-of-the-tests') =>
    promisify(execFile)(process.execPath, [program, ...args], {
      env: { BACKEND_INTERNAL_URL: `${backend.base}/internal`, INTERNAL_SERVICE_TOKEN: token },
    });

  test('can be looked at and replayed from a shell', async () => {
    const letter = await report(await submit(backend, assignment), 'from a shell');
    const listed = await command(['list']);
    expect(listed.stdout.split('\n')).toContain(JSON.stringify(letter));
    const replayed = await command(['replay', letter.dead_letter_id]);
    expect(JSON.parse(replayed.stdout)).toMatchObject({ replayed_at: expect.any(String) });
    await expect(command(['replay', 'nonsense'])).rejects.toMatchObject({ code: 69 });
    await expect(command(['list'], 'wrong')).rejects.toMatchObject({ code: 69 });
    await expect(command(['destroy'])).rejects.toMatchObject({ code: 64 });
  });

  test('of nothing known is kept, and there is nothing to replay', async () => {
    const letter = await report(null, 'garbage');
    expect((await replay(letter.dead_letter_id)).status).toBe(409);
    expect((await replay('ffffffffffffffffffffffff')).status).toBe(404);
  });

  test('changes nothing of a submission that is final', async () => {
    const submission = await submit(backend, assignment);
    await deliver(backend, submission.submission_id, await claim(backend, submission), exampleResult);
    await report(submission);
    expect((await read(backend, submission)).status).toBe('graded');
  });
});

describe('the order of the queue', () => {
  test('puts one submission of somebody before the rest of a flood', async () => {
    await redis.flushall();
    const user = await backend.api.createUser({ body: { email: 'one@example.com', display_name: 'One' } });
    const flood = await Promise.all(Array.from({ length: 12 }, () => submit(backend, assignment)));
    const count = () => redis.zcard('queue:submissions:prioritized');
    await until(async () => (await count()) >= flood.length);
    const { assignment_id } = assignment;
    const single = await backend.api.createSubmission({
      body: { assignment_id, code: 'x', user_id: user.user_id },
    });
    await until(async () => (await read(backend, single)).queue !== null);
    const position = async (one: Submission) => (await read(backend, one)).queue?.position ?? 0;
    const places = await Promise.all(flood.map(position));
    expect(new Set(places).size).toBe(flood.length);
    const own = await position(single);
    expect(places.filter((place) => place < own).length).toBeLessThanOrEqual(2);
  });
});
