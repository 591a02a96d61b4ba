import { expect, test } from '@jest/globals';
import { readConfig } from '../config.js';
import { Lifetime } from './lifetime.js';

const config = readConfig({
  INTERNAL_SERVICE_TOKEN: 'service-token-of-the-tests',
  RESULT_TOKEN_SECRET: 'a secret for result tokens in the tests',
});
const unavailable = {
  code: 'llm_unavailable',
  message: 'The model does not answer.',
  retryable: true,
} as const;

function pauses(lifetime: Lifetime, attempt = 1): number[] {
  const pause = lifetime.pauseAfter(unavailable, { attempt, requested_attempt: 1 });
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
  const refused = { ...unavailable, retryable: false };
  expect(new Lifetime(config).pauseAfter(refused, { attempt: 1, requested_attempt: 1 })).toBeUndefined();
});

test('who turns an attempt away is left alone for as long as they ask', () => {
  const asking = { ...unavailable, retry_after_seconds: 90 };
  for (const random of [0, 0.5, 0.999]) {
    const pause = new Lifetime(config, () => random).pauseAfter(asking, { attempt: 1, requested_attempt: 1 });
    expect(pause).toBeGreaterThanOrEqual(90_000);
    expect(pause).toBeLessThan(136_000);
  }
});
