import { expect, test } from '@jest/globals';
import { wordsOf } from './failing-checks.js';

test('the checks that fail are told with their reasons; those the service works without are not', () => {
  const body = JSON.stringify({
    status: 'failing',
    checks: [
      { name: 'redis', ok: true },
      { name: 'backend', ok: false, detail: 'connect ECONNREFUSED 10.0.0.7:8000' },
      { name: 'traces', ok: false, optional: true, detail: 'no answer' },
    ],
  });
  expect(wordsOf(body)).toBe('backend: connect ECONNREFUSED 10.0.0.7:8000');
});

test.each(['', 'not found', '{"status":"ok","checks":[]}', '{"checks":"all"}'])(
  'an answer that names no failing check says nothing: %j',
  (body) => {
    expect(wordsOf(body)).toBeUndefined();
  },
);
