import { expect, test } from '@jest/globals';
import { attemptOf } from './attempt.js';

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

test('the attempt is read from the payload of a JWT', () => {
  expect(attemptOf(`${part({ alg: 'HS256' })}.${part({ attempt: 3 })}.signature`)).toBe(3);
});

test.each(['', 'opaque', 'a.b.c', `a.${part({ attempt: 0 })}.c`, `a.${part(null)}.c`])(
  '%j tells none',
  (token) => {
    expect(attemptOf(token)).toBeUndefined();
  },
);
