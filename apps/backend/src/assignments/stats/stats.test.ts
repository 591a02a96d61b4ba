import { until } from '@cloudemy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AssignmentStats } from '@cloudemy/contracts';
import { objectId } from '@cloudemy/mongo';
import mongoose from 'mongoose';
import { openStores } from '../../stores.js';
import {
  claim,
  createAssignment,
  deliver,
  exampleFailure,
  exampleResult,
  submit,
} from '../../testing/grading.js';
import { type Replica, type TestStores, serviceAuth, startStores } from '../../testing/harness.js';
import { Assignments } from '../assignments.js';
import { Stats } from './stats.js';

let stores: TestStores;
let backend: Replica;
let other: Replica;
beforeAll(async () => {
  stores = await startStores();
  [backend, other] = await Promise.all([stores.start(), stores.start()]);
});
afterAll(() => stores.close());

const none = { queued: 0, scheduled: 0, running: 0, graded: 0, failed: 0, cancelled: 0 };

const statsOf = ({ api }: Replica, assignment_id: string): Promise<AssignmentStats> =>
  api.getAssignmentStats({ params: { assignment_id } });

/** The figures once they have caught up: what has ended is counted again every two seconds at most. */
async function figures(
  assignmentId: string,
  counts: Partial<AssignmentStats['by_status']>,
): Promise<AssignmentStats> {
  const wanted = JSON.stringify({ ...none, ...counts });
  let seen = await statsOf(backend, assignmentId);
  await until(async () => {
    seen = await statsOf(backend, assignmentId);
    return JSON.stringify(seen.by_status) === wanted;
  });
  return seen;
}

test('an assignment without submissions has nothing to count', async () => {
  const { assignment_id } = await createAssignment(backend);
  const { submissions, by_status, scores } = await statsOf(backend, assignment_id);
  expect({ submissions, by_status }).toEqual({ submissions: 0, by_status: none });
  expect(scores).toEqual({ mean: null, median: null, distribution: Array.from({ length: 10 }, () => 0) });
});

test('counts its own submissions in every state, and again what ends or is graded anew', async () => {
  const assignment = await createAssignment(backend);
  const { assignment_id } = assignment;
  await submit(backend, await createAssignment(backend));
  const graded = await submit(backend, assignment);
  const failed = await submit(backend, assignment);
  const claimed = await submit(backend, assignment);
  await submit(backend, assignment);
  await deliver(backend, graded.submission_id, await claim(backend, graded), exampleResult);
  const report = {
    kind: 'failed',
    submission_id: failed.submission_id,
    attempt: 1,
    failure: exampleFailure,
  } as const;
  await backend.api.reportJobs({ body: { items: [report] } }, { headers: serviceAuth });
  await claim(backend, claimed);

  const first = await figures(assignment_id, { queued: 1, scheduled: 1, graded: 1, failed: 1 });
  expect(first.submissions).toBe(4);
  expect(first.scores).toMatchObject({ mean: 0.7, median: 0.7 });
  expect(first.scores.distribution[7]).toBe(1);

  await backend.api.cancelSubmission({ params: { submission_id: claimed.submission_id } });
  await backend.api.regradeSubmission({ params: { submission_id: graded.submission_id } });
  const second = await figures(assignment_id, { queued: 2, cancelled: 1, failed: 1 });
  // The grade in force stays while the submission is graded again.
  expect(second.scores.mean).toBe(0.7);
  expect((await statsOf(other, assignment_id)).by_status).toEqual(second.by_status);
});

test('a first count that is cut short goes on where it ended', async () => {
  const { assignment_id } = await createAssignment(backend);
  const id = objectId(assignment_id);
  const [doomed, ours] = [mongoose.createConnection(), mongoose.createConnection()];
  for (const one of [doomed, ours]) await one.openUri(stores.mongoUri, { dbName: 'cloudemy' });
  const submissions = Array.from({ length: 300 }, (_, daysAgo) => gradedAgo(id, daysAgo)).toReversed();
  await ours.collection('submissions').insertMany(submissions);

  const of = openStores(doomed);
  const counting = new Stats(of.stats, of.submissions, new Assignments(of.assignments)).of(assignment_id);
  const failed = counting.then(
    () => false,
    () => true,
  );
  const kept = () => ours.collection('assignment_stats').findOne({ _id: id });
  await until(async () => Number((await kept())?.['next_day'] ?? 0) > 0);
  await doomed.close(true);
  await expect(failed).resolves.toBe(true);
  expect((await kept())?.['next_day']).toEqual(expect.any(Number));
  // What has been counted is not counted again: nobody notices that it is not there any more.
  const oldest = { sort: { _id: 1 } } as const;
  await ours.collection('submissions').findOneAndDelete({ assignment_id: id }, oldest);
  await ours.close();

  const { by_status } = await statsOf(other, assignment_id);
  expect(by_status).toEqual({ ...none, graded: submissions.length });
});

const gradedAgo = (assignment_id: mongoose.Types.ObjectId, days: number) => {
  const at = new Date(Date.now() - days * 86_400_000);
  const _id = mongoose.Types.ObjectId.createFromTime(Math.floor(at.getTime() / 1_000));
  return { _id, assignment_id, status: 'graded', score: 7, max_score: 10, finished_at: at };
};

test('there are none of an assignment that does not exist', async () => {
  await expect(statsOf(backend, '0'.repeat(24))).rejects.toMatchObject({ status: 404 });
});
