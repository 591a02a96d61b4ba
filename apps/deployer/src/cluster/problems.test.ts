import { KubeApiError, KubeConnectionError } from '@cloudemy/k8s';
import { expect, test } from '@jest/globals';
import { clusterProblems } from './problems.js';

const answered = (status: number): KubeApiError =>
  new KubeApiError({
    method: 'GET',
    path: '/api',
    status,
    reason: '',
    message: 'words of the inside',
  });

test.each([401, 429, 500, 502, 503, 504])(
  'what another try may cure is 503 with the time to wait: the cluster answers %s',
  (status) => {
    const problem = clusterProblems(answered(status));
    expect(problem).toMatchObject({ code: 'unavailable', status: 503, headers: { 'Retry-After': '2' } });
    expect(problem?.message).not.toContain('inside');
  },
);

test('so is a cluster that does not answer', () => {
  const error = new KubeConnectionError('https://10.0.0.1', true, 'GET /api: no answer in time');
  expect(clusterProblems(error)).toMatchObject({ status: 503, headers: { 'Retry-After': '2' } });
});

test.each([400, 403, 405, 422])('a refusal that stays is told in the words of the cluster: %s', (status) => {
  const problem = clusterProblems(answered(status));
  expect(problem).toMatchObject({ code: 'cluster_error', status: 502 });
  expect(problem?.message).toBe('The cluster refused the request: words of the inside');
});
