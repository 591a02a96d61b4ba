import { expect, test } from '@jest/globals';
import { countAnswers } from './answers.js';

const line = (status: number, msg = 'request completed') =>
  JSON.stringify({ msg, service: 'backend', method: 'GET', path: '/submissions', status, request_id: 'r1' });

test('answers are counted by status, and those with 500, 502 and 504 are told with their request', () => {
  const answers = countAnswers([line(200), line(200), line(503), line(500), line(502), line(504)]);
  expect(answers.byStatus).toEqual({ '200': 2, '500': 1, '502': 1, '503': 1, '504': 1 });
  expect(answers.serverErrors).toHaveLength(3);
  expect(answers.serverErrors[0]).toBe('backend: 500 to GET /submissions, request r1');
});

test('what is no answer, was given up by its client or is cut in the middle is passed over', () => {
  const lines = [line(500, 'request aborted by the client'), line(500).slice(0, 60), 'Node.js v26', ''];
  expect(countAnswers(lines)).toEqual({ byStatus: {}, serverErrors: [] });
});

test('what the deployer says of a cluster that refuses is in its contract, and no fault of its own', () => {
  const cause = (code: string) => JSON.stringify({ level: 'error', request_id: 'r1', err: { code } });
  expect(countAnswers([cause('delete_incomplete'), line(502)]).serverErrors).toEqual([]);
  expect(countAnswers([cause('internal_error'), line(500)]).serverErrors).toHaveLength(1);
});
