import { beforeEach, expect, test } from '@jest/globals';
import type { Actor } from '../actor/actor.js';
import { rememberApiKeys } from './api-key-exchange.js';

const holder: Actor = { userId: '66f0c0ffee00000000000001', roles: ['student'], keyScopes: ['grading:read'] };

let now: number;
let asked: number;
let answer: Actor | undefined | Error;
let check: ReturnType<typeof rememberApiKeys>;

beforeEach(() => {
  [now, asked, answer] = [1_000_000, 0, holder];
  check = rememberApiKeys(
    async () => {
      asked += 1;
      if (answer instanceof Error) throw answer;
      return answer;
    },
    () => now,
  );
});

test('many requests with one key ask once, each key for itself', async () => {
  expect(await Promise.all([check('a'), check('a'), check('a')])).toEqual([holder, holder, holder]);
  expect(asked).toBe(1);
  await check('b');
  expect(asked).toBe(2);
});

test('a revoked key is worth nothing within seconds', async () => {
  await check('a');
  answer = undefined;
  now += 3_000;
  expect(await check('a')).toBeUndefined();
});

test('while nobody can be asked the last answer holds for half a minute, and each request asks again', async () => {
  await check('a');
  answer = new Error('away');
  for (let seconds = 3; seconds < 30; seconds += 3) {
    now = 1_000_000 + seconds * 1_000;
    expect(await check('a')).toBe(holder);
  }
  expect(asked).toBe(10);
  now = 1_030_000;
  await expect(check('a')).rejects.toThrow('away');
  answer = undefined;
  expect(await check('a')).toBeUndefined();
});

test('a key that nobody could be asked about is asked about again', async () => {
  answer = new Error('away');
  await expect(check('a')).rejects.toThrow('away');
  answer = holder;
  expect(await check('a')).toBe(holder);
});
