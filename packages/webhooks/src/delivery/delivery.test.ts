import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type LocalMongo, startLocalMongo } from '@cloudemy/emulator-mongo';
import { createLogger } from '@cloudemy/service';
import { until } from '@cloudemy/testing';
import fc from 'fast-check';
import mongoose, { type Connection } from 'mongoose';
import { Webhook } from 'standardwebhooks';
import { pausesMs } from '../limits.js';
import { type WebhookModels, webhookModels } from '../model.js';
import { PrivateNetworks } from '../target/addresses.js';
import { type Received, startReceiver, taken } from '../testing/receiver.js';
import { createWebhooks } from '../webhooks.js';
import type { Happening } from './announcer.js';

let mongo: LocalMongo;
let connection: Connection;
let models: WebhookModels;
let clock = Date.now();
const open: { close: () => Promise<unknown> }[] = [];

beforeAll(async () => {
  mongo = await startLocalMongo();
  connection = await mongoose.createConnection(mongo.uri, { dbName: 'test', autoIndex: false }).asPromise();
  models = webhookModels(connection, 'backend');
  await models.webhooks.createIndexes();
  await models.deliveries.createIndexes();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
  await models.webhooks.deleteMany({});
  await models.deliveries.deleteMany({});
});
afterAll(async () => {
  await connection.close();
  await mongo.close();
});

const ann = { userId: 'ann', roles: [] };
const loopback = ['127.0.0.0/8'];

function replica(ranges: string[] = loopback, answerMs = 5_000) {
  const webhooks = createWebhooks({
    service: 'backend',
    models,
    networks: PrivateNetworks.of(ranges) ?? new PrivateNetworks([]),
    now: () => new Date(clock),
    log: createLogger('test', 'silent'),
    disabledAmong: async (userIds) => new Set(userIds.filter((id) => id === 'disabled')),
    answerMs,
  });
  open.push({ close: () => webhooks.courier.stop() });
  return webhooks;
}

async function receiver() {
  const target = await startReceiver();
  open.push(target);
  return target;
}

const subscribe = (url: string, owner = ann) =>
  replica().subscriptions.create(owner, { url, events: ['submission.graded'] });

const graded = (id: string, more: Partial<Happening> = {}): Happening => ({
  type: 'submission.graded',
  id,
  at: new Date(clock),
  audience: ['ann'],
  data: { submission_id: id },
  ...more,
});

const states = async () => {
  const rows = await models.deliveries.find().lean();
  return Object.fromEntries(rows.map(({ message_id, state }) => [message_id, state]));
};
const only = async () => models.deliveries.findOne().lean();

test('a message arrives as the library of Standard Webhooks verifies it, by the new secret and the one before', async () => {
  const target = await receiver();
  const { webhook_id: id, secret } = await subscribe(target.url);
  const { announcer, courier, subscriptions } = replica();
  const { secret: fresh } = await subscriptions.rotate(ann, id);
  clock = Date.now();
  await announcer.announce([graded('one')]);
  await courier.turn();
  await until(async () => (await only())?.state === 'delivered');
  const [message] = target.received;
  const headers = Object.fromEntries(
    Object.entries(message?.headers ?? {}).map(([name, value]) => [name, String(value)]),
  );
  for (const known of [secret, fresh]) {
    expect(new Webhook(known).verify(message?.body ?? '', headers)).toMatchObject({
      type: 'submission.graded',
      data: { submission_id: 'one' },
    });
  }
  expect(() => new Webhook(secret).verify(`${message?.body ?? ''} `, headers)).toThrow('signature');
  clock += 25 * 3_600_000;
  await replica().history.test(ann, id);
  await courier.turn();
  await until(() => target.received.length === 2);
  expect(String(target.received[1]?.headers['webhook-signature']).split(' ')).toHaveLength(1);
});

test('whoever did not ask, asked later, or is disabled is told nothing', async () => {
  const target = await receiver();
  await subscribe(target.url);
  await subscribe(target.url, { userId: 'disabled', roles: [] });
  await replica().announcer.announce([
    graded('of-bob', { audience: ['bob'] }),
    graded('before', { at: new Date(clock - 86_400_000) }),
    graded('other-event', { type: 'submission.failed' }),
    graded('of-disabled', { audience: ['disabled'] }),
    graded('of-ann'),
  ]);
  expect(await states()).toEqual({ 'of-ann': 'pending' });
});

test('a refused message is tried again after the pauses of the specification, and then has failed', async () => {
  const target = await receiver();
  target.answerWith((res) => res.writeHead(500).end());
  await subscribe(target.url);
  const { announcer, courier } = replica();
  await announcer.announce([graded('one')]);
  for (const [at, pause] of [...pausesMs, 0].entries()) {
    await courier.turn();
    await until(async () => (await only())?.tried === at + 1);
    await until(async () => (await models.webhooks.findOne().lean())?.lease === null);
    await courier.turn();
    expect(target.received).toHaveLength(at + 1);
    clock += pause * 1.2;
  }
  expect(await only()).toMatchObject({ state: 'failed' });
  expect(new Set(target.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
});

test('a target that answers 410 is disabled and told so; enabled again it gets what waited, and what is replayed', async () => {
  const target = await receiver();
  target.answerWith((res) => res.writeHead(410).end());
  const { webhook_id: id } = await subscribe(target.url);
  const { announcer, courier, subscriptions, history } = replica();
  await announcer.announce([graded('one'), graded('two')]);
  await courier.turn();
  await until(async () => !(await subscriptions.get(ann, id)).enabled);
  expect(await subscriptions.get(ann, id)).toMatchObject({ disabled_reason: 'gone', waiting: 2 });
  await expect(history.test(ann, id)).rejects.toMatchObject({ code: 'conflict' });
  target.answerWith(taken);
  await until(async () => (await models.webhooks.findOne().lean())?.lease === null);
  await subscriptions.update(ann, id, { enabled: true });
  clock += 10_000;
  await courier.turn();
  await until(async () => (await subscriptions.get(ann, id)).waiting === 0);
  const { items } = await history.list(ann, id, { limit: 10 });
  await history.replay(ann, id, items[0]?.delivery_id ?? '');
  await until(async () => (await models.webhooks.findOne().lean())?.lease === null);
  await courier.turn();
  await until(() => target.received.length === 4);
});

test.each([301, 302, 303, 307, 308])('a redirect (%s) to a private address leads nowhere', async (status) => {
  const inside = await receiver();
  const target = await receiver();
  target.answerWith((res) => res.writeHead(status, { location: inside.url }).end());
  await subscribe(target.url);
  const { announcer, courier } = replica();
  await announcer.announce([graded('one')]);
  await courier.turn();
  await until(async () => (await only())?.tried === 1);
  expect((await only())?.tries[0]?.error).toContain('redirects are not followed');
  expect(inside.received).toEqual([]);
});

test.each(['127.0.0.1', 'localhost', '[::1]', '2130706433'])(
  'no connection is made to %s unless it is allowed, whatever it was when it was subscribed',
  async (host) => {
    const target = await receiver();
    await subscribe(target.url.replace('127.0.0.1', host));
    const { announcer, courier } = replica([]);
    await announcer.announce([graded('one')]);
    await courier.turn();
    await until(async () => (await only())?.tried === 1);
    expect(await only()).toMatchObject({
      tries: [{ status: null, error: expect.stringContaining('may go to') }],
    });
    expect(target.received).toEqual([]);
  },
);

test('a target that hangs keeps no other waiting, and is left', async () => {
  const hanging = await receiver();
  hanging.answerWith(() => undefined);
  await subscribe(hanging.url);
  const target = await receiver();
  await subscribe(target.url);
  const { announcer, courier } = replica(loopback, 500);
  await announcer.announce(['one', 'two', 'three'].map((id) => graded(id)));
  await courier.turn();
  await until(() => target.received.length === 3);
  await until(async () => (await models.deliveries.findOne({ tried: 1, state: 'pending' }).lean()) !== null);
  // One try told enough: the others wait for another turn.
  expect(hanging.received).toHaveLength(1);
});

test('more than a target takes disables it, and is bounded', async () => {
  const target = await receiver();
  await subscribe(target.url);
  const row = { message_id: '', state: 'pending' as const, message: {}, tries: [], tried: 0 };
  const webhook = await models.webhooks.findOne().lean();
  const at = new Date(clock + 3_600_000);
  await models.deliveries.collection.insertMany(
    Array.from({ length: 5_000 }, (_, index) => ({
      ...row,
      webhook_id: webhook?._id,
      message_id: `m-${index}`,
      due_at: at,
      created_at: at,
      expires_at: at,
    })),
  );
  await replica().announcer.announce([graded('one-more')]);
  expect(await models.deliveries.countDocuments({})).toBe(5_000);
  expect(await models.webhooks.findOne().lean()).toMatchObject({ disabled_reason: 'too_many_waiting' });
});

test('whatever replicas announce, deliver, crash and restart in whichever order, every message arrives', async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('announce' as const), id: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ do: fc.constant('turn' as const), replica: fc.nat(1) }),
    fc.record({ do: fc.constant('crash' as const), replica: fc.nat(1) }),
    fc.record({ do: fc.constant('refuse' as const), id: fc.integer({ min: 1, max: 4 }) }),
  );
  const asyncProperty = fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
    await models.webhooks.deleteMany({});
    await models.deliveries.deleteMany({});
    const target = await receiver();
    const refused = new Set<string>();
    target.answerWith((res, { body }: Received) => {
      const id = String(JSON.parse(body).data.submission_id);
      res.writeHead(refused.delete(id) ? 503 : 204).end();
    });
    await subscribe(target.url);
    const replicas = [replica(), replica()];
    const announced = new Set<string>();
    for (const one of steps) {
      if (one.do === 'announce') {
        announced.add(String(one.id));
        await Promise.all(replicas.map(({ announcer }) => announcer.announce([graded(String(one.id))])));
      } else if (one.do === 'turn') await replicas[one.replica]?.courier.turn();
      else if (one.do === 'refuse') refused.add(String(one.id));
      else {
        void replicas[one.replica]?.courier.stop();
        replicas[one.replica] = replica();
      }
      clock += 7_000;
    }
    const last = replica();
    await until(async () => {
      clock += 600_000;
      await last.courier.turn();
      const now = Object.values(await states());
      return now.every((state) => state === 'delivered');
    });
    expect(Object.keys(await states()).toSorted()).toEqual([...announced].toSorted());
    await Promise.all([...replicas, last].map(({ courier }) => courier.stop()));
  });
  await fc.assert(asyncProperty, { numRuns: 12 });
});
