import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AssignmentStats } from '@cloudemy/contracts';
import {
  claim,
  createAssignment,
  deliver,
  exampleFailure,
  exampleResult,
  submit,
} from '../../testing/grading.js';
import { type Replica, type TestStores, serviceAuth, startStores, waitFor } from '../../testing/harness.js';

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

/** The figures once they have caught up: what has ended is counted anew every two seconds at most. */
async function until(
  assignmentId: string,
  counts: Partial<AssignmentStats['by_status']>,
): Promise<AssignmentStats> {
  const wanted = JSON.stringify({ ...none, ...counts });
  let seen = await statsOf(backend, assignmentId);
  await waitFor(wanted, async () => {
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

  const first = await until(assignment_id, { queued: 1, scheduled: 1, graded: 1, failed: 1 });
  expect(first.submissions).toBe(4);
  expect(first.scores).toMatchObject({ mean: 0.7, median: 0.7 });
  expect(first.scores.distribution[7]).toBe(1);

  await backend.api.cancelSubmission({ params: { submission_id: claimed.submission_id } });
  await backend.api.regradeSubmission({ params: { submission_id: graded.submission_id } });
  const second = await until(assignment_id, { queued: 2, cancelled: 1, failed: 1 });
  expect(second.scores.mean).toBeNull();
  expect((await statsOf(other, assignment_id)).by_status).toEqual(second.by_status);
});

test('there are none of an assignment that does not exist', async () => {
  await expect(statsOf(backend, '0'.repeat(24))).rejects.toMatchObject({ status: 404 });
});
