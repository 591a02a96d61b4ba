import { expect, test } from '@jest/globals';
import type { JobReport } from '@cloudemy/contracts';
import type { Job } from '@cloudemy/k8s';
import type { SubmissionState } from '../backend/states.js';
import { complete, jobOf, newId } from '../testing/fixtures.js';
import { JobController } from './job-controller.js';

/** A controller of one Job, with what the watch, the API server and the backend know of it. */
function controlled(status: SubmissionState['status']) {
  const id = newId();
  const job = jobOf(id, [complete]);
  const state: SubmissionState = { submission_id: id, attempt: 1, status };
  const known: { watched: Job | undefined; exists: boolean; state: SubmissionState; reports: JobReport[] } = {
    watched: job,
    exists: true,
    state,
    reports: [],
  };
  const controller = new JobController({
    look: () => (known.watched === undefined ? undefined : { job: known.watched, pods: [] }),
    eventsAbout: () => [],
    removeJob: () => Promise.resolve(),
    exists: () => Promise.resolve(known.exists),
    states: { read: () => Promise.resolve(known.state) },
    reports: {
      send: (report) => {
        known.reports.push(report);
        return Promise.resolve('applied');
      },
    },
    rules: { gracePeriod: () => undefined, resultGraceMs: 0 },
    onFailure: () => {},
  });
  return { known, controller, job, look: () => controller.handle(job.metadata.name ?? '') };
}

test('a list without the Job ends no attempt while the API server, asked for it by name, has it', async () => {
  const { known, controller, job, look } = controlled('running');
  known.watched = undefined;
  controller.noteDeleted(job);
  await look();
  expect(known.reports).toEqual([]);
  known.exists = false;
  controller.noteDeleted(job);
  await look();
  expect(known.reports).toMatchObject([{ kind: 'failed', failure: { code: 'job_deleted' } }]);
});

test('a database that was restored is told again what became of a Job, though it was told before', async () => {
  const { known, controller, job, look } = controlled('graded');
  controller.adopt(job, known.state);
  await look();
  expect(known.reports).toEqual([]);
  known.state = { ...known.state, status: 'running' };
  controller.adopt(job, known.state);
  await look();
  expect(known.reports).toMatchObject([{ kind: 'failed', failure: { code: 'no_result', retryable: true } }]);
});

test('a replica that takes over tells nothing of what the backend knows', async () => {
  const { known, controller, job, look } = controlled('graded');
  known.watched = jobOf(known.state.submission_id);
  controller.adopt(job, known.state);
  await look();
  expect(known.reports).toEqual([]);
});
