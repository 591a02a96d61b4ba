import { expect, test } from '@jest/globals';
import { describeError } from './describe-error.js';

test('an error tells what caused it, and nothing of what it happened to', () => {
  const error = new TypeError('the outer', { cause: new Error('the inner') });
  const described = describeError(Object.assign(error, { command: 'AUTH secret', code: 'EOUTER' }));
  expect(described).toMatchObject({
    type: 'TypeError',
    message: 'the outer',
    code: 'EOUTER',
    cause: { message: 'the inner' },
  });
  expect(JSON.stringify(described)).not.toContain('secret');
});

test('errors that happened together are told each, and not without end', () => {
  const many = Array.from({ length: 1_000 }, (_, index) => new Error(`fault ${index}`));
  const { errors = [] } = describeError(new AggregateError(many, 'could not be done'));
  expect(errors[0]).toMatchObject({ message: 'fault 0' });
  expect(errors.length).toBeLessThan(many.length);
});

test('a chain of causes that bites its own tail ends', () => {
  const error = new Error('round');
  error.cause = error;
  expect(describeError(error).cause).toMatchObject({ message: 'round' });
});
