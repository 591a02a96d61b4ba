import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { QueueName, queueJobId } from './queue.js';
import { runnerJobName } from './internal.js';

test('the queue name of the requirements is prefix and name', () => {
  expect(QueueName.parse('queue:submissions')).toEqual({ prefix: 'queue', name: 'submissions' });
  expect(QueueName.parse('a:b:c')).toEqual({ prefix: 'a:b', name: 'c' });
});

test.each(['submissions', ':submissions', 'queue:', 'queue::submissions', 'qu eue:x', ''])(
  'refuses %p',
  (value) => {
    expect(QueueName.safeParse(value).success).toBe(false);
  },
);

const id = fc.stringMatching(/^[0-9a-f]{24}$/);

test('queue ids are what BullMQ takes: no colon, never all digits', () => {
  fc.assert(
    fc.property(id, fc.integer({ min: 1, max: 999 }), (submissionId, attempt) => {
      expect(queueJobId(submissionId, attempt)).toMatch(/^[^:]*[^:\d][^:]*$/);
    }),
  );
});

test('Job names are DNS labels, and differ between attempts', () => {
  fc.assert(
    fc.property(id, fc.integer({ min: 1, max: 999 }), (submissionId, attempt) => {
      const name = runnerJobName(submissionId, attempt);
      expect(name).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])$/);
      expect(name).not.toBe(runnerJobName(submissionId, attempt + 1));
    }),
  );
  expect(runnerJobName('a'.repeat(24), 1)).toBe(`runner-${'a'.repeat(24)}`);
  expect(runnerJobName('a'.repeat(24), 2)).toBe(`runner-${'a'.repeat(24)}-2`);
});
