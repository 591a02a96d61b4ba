import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { publicApi } from '@cloudemy/contracts';
import { exampleAssignment } from '../testing/grading.js';
import { type Replica, type TestStores, startStores } from '../testing/harness.js';

let stores: TestStores;
let backend: Replica;
beforeAll(async () => {
  stores = await startStores();
  backend = await stores.start();
});
afterAll(() => stores.close());

const posts = Object.entries(publicApi).filter(([, { method }]) => method === 'post');

test.each(posts)('%s takes an Idempotency-Key or refuses it in words', async (operation, { path }) => {
  const answer = await fetch(`${backend.base}${path.replaceAll(/\{\w+\}/g, 'f'.repeat(24))}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'once' },
    body: '{}',
  });
  const { errors = [] }: { errors?: { path: string }[] } = JSON.parse(await answer.text());
  const refused = errors.some((error) => error.path === 'idempotency-key');
  // What is not there for anybody (no accounts, unknown object) is said first.
  expect(refused || operation === 'createSubmission' || answer.status === 404).toBe(true);
});

test('an assignment that is created with a key is not created at all', async () => {
  const post = (headers: Record<string, string>) =>
    backend.fetch('/assignments', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(exampleAssignment),
    });
  const refused = await post({ 'idempotency-key': 'once' });
  expect(refused.status).toBe(422);
  expect(await refused.json()).toMatchObject({ detail: expect.stringContaining('would be done twice') });
  expect((await backend.api.listAssignments({})).items).toEqual([]);
  expect((await post({})).status).toBe(201);
});
