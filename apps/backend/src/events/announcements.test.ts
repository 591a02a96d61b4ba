import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Problem } from '@cloudemy/contracts';
import { until } from '@cloudemy/testing';
import { startReceiver } from '@cloudemy/webhooks/testing';
import { claim, deliver, exampleAssignment, exampleFailure, resultOf } from '../testing/grading.js';
import { type Replica, type TestStores, startStores } from '../testing/harness.js';
import { type Person, adminEmail, bearer, join, jwtEnv, signIn } from '../testing/people.js';

let stores: TestStores;
let backend: Replica;
let teacher: Person;
let ann: Person;
let bob: Person;
let target: Awaited<ReturnType<typeof startReceiver>>;

beforeAll(async () => {
  stores = await startStores();
  backend = await stores.start({ ...jwtEnv, WEBHOOK_PRIVATE_NETWORKS: '127.0.0.0/8' });
  const admin = await signIn(backend, adminEmail);
  teacher = await join(backend, admin, ['instructor'], 'teacher');
  ann = await join(backend, admin, ['student'], 'ann');
  bob = await join(backend, admin, ['student'], 'bob');
  target = await startReceiver();
});
afterAll(async () => {
  await stores.close();
  await target.close();
});

const subscribe = (who: Person, ...events: ('submission.graded' | 'submission.failed' | 'regrade.done')[]) =>
  backend.api.createWebhook(
    { body: { url: `${target.url}/${who.userId}`, events } },
    { headers: bearer(who) },
  );

const history = async (who: Person, webhookId: string) =>
  (
    await backend.api.listWebhookDeliveries(
      { params: { webhook_id: webhookId }, query: {} },
      { headers: bearer(who) },
    )
  ).items;

test('student and owner are told of grade, failure and regrade, others of nothing, and nobody of a score', async () => {
  const hooks = {
    teacher: await subscribe(teacher, 'submission.graded', 'submission.failed', 'regrade.done'),
    ann: await subscribe(ann, 'submission.graded', 'submission.failed'),
    bob: await subscribe(bob, 'submission.graded', 'submission.failed', 'regrade.done'),
  };
  const { assignment_id } = await backend.api.createAssignment(
    { body: exampleAssignment },
    { headers: bearer(teacher) },
  );
  const submit = () =>
    backend.api.createSubmission(
      { body: { assignment_id, code: 'def add(a, b): return a + b' } },
      { headers: bearer(ann) },
    );
  const [good, bad] = [await submit(), await submit()];
  await deliver(backend, good.submission_id, await claim(backend, good), resultOf(7));
  await deliver(backend, bad.submission_id, await claim(backend, bad), {
    status: 'failed',
    failure: exampleFailure,
  });
  await backend.api.regradeAssignment(
    { params: { assignment_id }, body: { statuses: ['cancelled'] } },
    { headers: bearer(teacher) },
  );
  await until(() => target.received.length >= 5);
  const told = await history(teacher, hooks.teacher.webhook_id);
  expect(told.map(({ message }) => message.type).toSorted()).toEqual([
    'regrade.done',
    'submission.failed',
    'submission.graded',
  ]);
  const graded = told.find(({ message }) => message.type === 'submission.graded');
  expect(graded?.message.data).toEqual({
    submission_id: good.submission_id,
    assignment_id,
    user_id: ann.userId,
    attempt: 1,
    status: 'graded',
    failure_code: null,
  });
  expect((await history(ann, hooks.ann.webhook_id)).map(({ message }) => message.type).toSorted()).toEqual([
    'submission.failed',
    'submission.graded',
  ]);
  expect(await history(bob, hooks.bob.webhook_id)).toEqual([]);
  await expect(history(bob, hooks.ann.webhook_id)).rejects.toMatchObject({ status: 404 });
});

test('refuses what it could not tell, naming the field', async () => {
  const make = (body: object) =>
    backend.fetch('/webhooks', {
      method: 'POST',
      headers: { ...bearer(ann), 'content-type': 'application/json' },
      body: JSON.stringify({ url: 'https://hooks.example/', events: ['submission.graded'], ...body }),
    });
  for (const [body, path] of [
    [{ events: ['job.ended'] }, 'events[0]'],
    [{ events: [] }, 'events'],
    [{ url: 'ftp://hooks.example/' }, 'url'],
    [{ url: 'https://me:secret@hooks.example/' }, 'url'],
    [{ url: 'https://hooks.example/#part' }, 'url'],
  ] as const) {
    const answer = await make(body);
    expect([answer.status, Problem.parse(await answer.json()).errors?.[0]?.path]).toEqual([422, path]);
  }
  for (let made = 1; made < 20; made += 1) expect((await make({})).status).toBe(201);
  const tooMany = await make({});
  expect([tooMany.status, Problem.parse(await tooMany.json()).code]).toEqual([409, 'quota_exceeded']);
});
