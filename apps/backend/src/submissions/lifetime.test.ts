import { expect, test } from '@jest/globals';
import { readConfig } from '../config.js';
import { Lifetime } from './lifetime.js';

const config = readConfig({
  INTERNAL_SERVICE_TOKEN: 'service-token-of-the-tests',
  RESULT_TOKEN_SECRET: 'a secret for result tokens in the tests',
});
const late = {
  code: 'llm_timeout',
  message: 'The model did not answer in time.',
  retryable: true,
} as const;

function pauses(lifetime: Lifetime, attempt = 1): number[] {
  const pause = lifetime.pauseAfter(late, { attempt, requested_attempt: 1 });
  return pause === undefined ? [] : [pause, ...pauses(lifetime, attempt + 1)];
}

test('as configured by default, the attempts outlast a minute without the model, however short the pauses fall', () => {
  const shortest = pauses(new Lifetime(config, () => 0));
  expect(shortest.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(60_000);
  expect(shortest).toHaveLength(config.MAX_AUTOMATIC_ATTEMPTS - 1);
});

test('pauses double up to their limit', () => {
  const lifetime = new Lifetime({ ...config, RETRY_BACKOFF_MS: 10, RETRY_BACKOFF_MAX_MS: 30 }, () => 0.5);
  expect(pauses(lifetime)).toEqual([10, 20, 30, 30]);
});

test('what cannot end better is not tried again', () => {
  const refused = { ...late, retryable: false };
  expect(new Lifetime(config).pauseAfter(refused, { attempt: 1, requested_attempt: 1 })).toBeUndefined();
});

test('who turns an attempt away is left alone for as long as they ask', () => {
  const asking = { ...late, retry_after_seconds: 90 };
  for (const random of [0, 0.5, 0.999]) {
    const pause = new Lifetime(config, () => random).pauseAfter(asking, { attempt: 1, requested_attempt: 1 });
    expect(pause).toBeGreaterThanOrEqual(90_000);
    expect(pause).toBeLessThan(136_000);
  }
});

test('a failure that would meet every submission spends none of the attempts, and ends after a day at the latest', () => {
  const lifetime = new Lifetime(config, () => 0.5);
  const refused = { code: 'llm_auth_failed', message: 'The key is refused.', retryable: false } as const;
  const pauses = Array.from({ length: 301 }, (_, given_back) =>
    lifetime.pauseAfter(refused, { attempt: 1 + given_back, requested_attempt: 1, given_back }),
  );
  expect(pauses.indexOf(undefined)).toBe(300);
  expect(pauses.reduce((sum = 0, ms = 0) => sum + ms, 0)).toBeGreaterThan(23 * 3_600_000);
  // Those that count are all left.
  const tried = (made: number) => ({ attempt: 300 + made, requested_attempt: 1, given_back: 300 });
  expect(lifetime.pauseAfter(late, tried(config.MAX_AUTOMATIC_ATTEMPTS - 1))).toBeGreaterThan(0);
  expect(lifetime.pauseAfter(late, tried(config.MAX_AUTOMATIC_ATTEMPTS))).toBeUndefined();
});
