import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Replica, type TestStores, startStores, untilReady } from '../../testing/harness.js';
import { adminEmail, jwtEnv, password } from '../../testing/people.js';

let stores: TestStores;
let backend: Replica;

beforeAll(async () => {
  stores = await startStores();
  backend = await stores.start({ ...jwtEnv, LOGIN_FAILURES: '3', LOGIN_FAILURES_PER_ACCOUNT: '4' });
  await untilReady(backend);
});
afterAll(() => stores.close());

/** The status of a sign-in as the administrator, from an address that the trusted proxy tells. */
const login = async (address: string, given: string): Promise<number> => {
  const answer = await backend.fetch('/auth/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
    body: JSON.stringify({ email: adminEmail, password: given }),
  });
  return answer.status;
};

test('strangers who guess lock nobody out who signed in from their address before', async () => {
  const home = '198.51.100.7';
  expect(await login(home, password)).toBe(200);
  const guesses = [];
  for (let guess = 0; guess < 8; guess += 1) {
    guesses.push(await login(`203.0.113.${guess}`, `guess ${guess}`));
  }
  expect(guesses).toEqual([401, 401, 401, 401, 429, 429, 429, 429]);
  // From elsewhere even the right password waits; from home it does not.
  expect(await login('203.0.113.99', password)).toBe(429);
  expect(await login(home, password)).toBe(200);
  // A known address has a budget of its own, which ends too.
  const fromHome = [];
  for (let guess = 0; guess < 5; guess += 1) fromHome.push(await login(home, `guess ${guess}`));
  expect(fromHome).toEqual([401, 401, 401, 429, 429]);
});
