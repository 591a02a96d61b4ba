import { expect, test } from '@jest/globals';
import type { SubmissionStatus } from '@cloudemy/contracts';
import type { Job } from '@cloudemy/k8s';
import { complete, jobOf, newId } from '../testing/fixtures.js';
import { UnwantedJobs } from './unwanted-jobs.js';
import { whyUnwanted } from './why-unwanted.js';

const id = newId();
const attempt = { submission_id: id, attempt: 2 };
const state = (status: SubmissionStatus, of = 2) => ({ submission_id: id, attempt: of, status });

test.each<[string, boolean, ReturnType<typeof state> | undefined, string | undefined]>([
  ['running for a running submission', false, state('running'), undefined],
  ['running for a graded submission', false, state('graded'), undefined],
  ['running for a cancelled submission', false, state('cancelled'), 'cancelled'],
  ['running for a failed submission', false, state('failed'), 'failed'],
  ['running for an attempt before', false, state('queued', 3), 'superseded'],
  ['running for an attempt to come', false, state('failed', 1), undefined],
  ['finished for a cancelled submission', true, state('cancelled'), undefined],
  ['running for nobody', false, undefined, 'unknown'],
  ['finished for nobody', true, undefined, 'unknown'],
])('a Job %s', (_what, finished, found, why) => {
  expect(whyUnwanted(attempt, finished, found)).toBe(why);
});

function rule(jobs: Job[], states: Map<string, ReturnType<typeof state>>, keepFinished = 100) {
  const looked: string[] = [];
  const removed: string[] = [];
  return {
    looked,
    removed,
    instance: new UnwantedJobs({
      allJobs: () => jobs,
      states: { read: async (submissionId) => states.get(submissionId) },
      removeJob: async (job) => {
        if (job.metadata.labels?.['refuses'] === 'yes') throw new Error('refused');
        removed.push(job.metadata.name ?? '');
      },
      onWanted: ({ metadata }) => looked.push(metadata.name ?? ''),
      onRemoved: () => {},
      keepFinished,
    }),
  };
}

test('a Job of an unknown submission is removed when it is unknown twice', async () => {
  const stray = jobOf(newId());
  const { instance, removed } = rule([stray], new Map());
  await instance.pass();
  expect(removed).toEqual([]);
  await instance.pass();
  expect(removed).toEqual([stray.metadata.name]);
});

test('one Job that cannot be put right does not keep the others from it', async () => {
  const [stubborn, other, fine] = [newId(), newId(), newId()];
  const refuses = jobOf(stubborn);
  refuses.metadata.labels = { ...refuses.metadata.labels, refuses: 'yes' };
  const states = new Map(
    [stubborn, other].map((key) => [key, { ...state('cancelled', 1), submission_id: key }]),
  );
  states.set(fine, { ...state('running', 1), submission_id: fine });
  const { instance, removed, looked } = rule([refuses, jobOf(other), jobOf(fine, [complete])], states);
  await expect(instance.pass()).rejects.toThrow('1 Jobs could not be reconciled');
  expect(removed).toEqual([`runner-${other}`]);
  expect(looked).toEqual([`runner-${fine}`]);
});

test('of finished Jobs whose end the backend knows, the oldest go when there are more than are kept', async () => {
  const ids = Array.from({ length: 6 }, newId);
  const ended = (submissionId: string, minute: number): Job =>
    jobOf(submissionId, [{ ...complete, lastTransitionTime: `2026-12-01T00:0${minute}:00Z` }]);
  const jobs = ids.map((one, index) => ended(one, 9 - index));
  const states = new Map(ids.map((key) => [key, { ...state('graded', 1), submission_id: key }]));
  // Its result has not come: it is looked at, not removed.
  states.set(ids[5] ?? '', { ...state('running', 1), submission_id: ids[5] ?? '' });
  const { instance, removed } = rule(jobs, states, 2);
  await instance.pass();
  expect(removed.toSorted()).toEqual([2, 3, 4].map((index) => `runner-${ids[index]}`).toSorted());
});
