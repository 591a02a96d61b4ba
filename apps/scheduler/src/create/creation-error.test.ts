import { expect, test } from '@jest/globals';
import { JobNameTakenError, KubeApiError, KubeConnectionError } from '@cloudemy/k8s';
import { jobOf, newId } from '../testing/fixtures.js';
import { isOutage, classify } from './creation-error.js';

const answered = (status: number, message: string) =>
  new KubeApiError({ status, reason: '', message, method: 'POST', path: '/apis/batch/v1/jobs' });

test.each<[string, Error]>([
  ['nobody answers', new KubeConnectionError('http://cluster', false, 'POST')],
  ['the server is overloaded', answered(429, 'too many requests')],
  ['the server fails', answered(500, 'etcdserver: request timed out')],
  ['our token has expired', answered(401, 'Unauthorized')],
  [
    'we lack the right',
    answered(403, 'jobs.batch is forbidden: User "x" cannot create resource "jobs" in API group "batch"'),
  ],
  ['the namespace is gone', answered(404, 'namespaces "grading" not found')],
  [
    'the namespace is going',
    answered(
      403,
      'jobs.batch "x" is forbidden: unable to create new content in namespace a because it is being terminated',
    ),
  ],
])('is an outage when %s', (_when, error) => {
  expect(classify(error)).toMatchObject({ kind: 'outage', failure: { code: 'cluster_unavailable' } });
  expect(isOutage(error)).toBe(true);
});

test('what nobody has heard of is about this one Job', () => {
  expect(classify(new TypeError('what is this'))).toEqual({ kind: 'again' });
});

test('the page of a proxy is told in words, and a server by what happened, not by its address', () => {
  const page = classify(answered(502, '<html><body>Bad Gateway</body></html>'));
  expect(page).toMatchObject({ failure: { message: expect.stringContaining('answered 502 with a page') } });
  const gone = classify(new KubeConnectionError('http://10.1.2.3', false, 'connection refused'));
  expect(gone).toMatchObject({ failure: { message: expect.not.stringContaining('10.1.2.3') } });
});

test('a quota holds all Jobs back, in words', () => {
  const error = answered(
    403,
    'jobs.batch "x" is forbidden: exceeded quota: few, requested: count/jobs.batch=1',
  );
  expect(classify(error)).toMatchObject({ kind: 'outage', failure: { code: 'quota_exceeded' } });
  expect(isOutage(error)).toBe(true);
});

test.each<[string, Error, string]>([
  [
    'the Job is invalid',
    answered(422, 'Job.batch "x" is invalid: spec.template: Required value'),
    'job_rejected',
  ],
  ['the body is refused', answered(400, 'strict decoding error'), 'job_rejected'],
  ['another Job has the name', new JobNameTakenError(jobOf(newId()), 'is another one'), 'job_rejected'],
])('is final when %s', (_when, error, code) => {
  expect(classify(error)).toMatchObject({ kind: 'final', failure: { code } });
});

test.each<[string, Error]>([
  ['a webhook', answered(403, 'admission webhook "p" denied the request: no')],
  ['a policy', answered(422, "ValidatingAdmissionPolicy 'p' denied request: no")],
])('%s that says no may say yes later, for no Job of ours is unlike the others', (_who, error) => {
  expect(classify(error)).toMatchObject({ kind: 'outage', failure: { code: 'admission_refused' } });
});

test('comes again while the Job before is being deleted', () => {
  const job = jobOf(newId());
  job.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
  expect(classify(new JobNameTakenError(job, 'is being deleted'))).toEqual({ kind: 'again' });
});
