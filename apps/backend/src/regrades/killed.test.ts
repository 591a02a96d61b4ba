import { until } from '@cloudemy/testing';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Assignment, Regrade } from '@cloudemy/contracts';
import { claim, createAssignment, deliver, exampleResult, submit } from '../testing/grading.js';
import { type Replica, type TestStores, backendEnv, startStores } from '../testing/harness.js';
import { killAll, startProcess } from '../testing/process.js';

const size = 9;

let stores: TestStores;
beforeAll(async () => {
  stores = await startStores();
});
afterAll(() => stores.close());
afterEach(killAll);

const start = () => startProcess(backendEnv(stores.mongoUri, stores.redisUrl, { REGRADE_IN_FLIGHT: '3' }));

/** As scheduler and runner do. */
async function gradeQueued(backend: Replica, { assignment_id }: Assignment): Promise<void> {
  const { items } = await backend.api.listSubmissions({ query: { assignment_id, status: 'queued' } });
  for (const { submission_id } of items) {
    const current = await backend.api.getSubmission({ params: { submission_id } });
    await deliver(backend, submission_id, await claim(backend, current), exampleResult);
  }
}

const progress = ({ api }: Replica, { regrade_id }: Regrade): Promise<Regrade> =>
  api.getRegrade({ params: { regrade_id } });

test.each([
  ['as soon as it has answered', 0],
  ['in the middle', 3],
])(
  'a regrade whose replica is killed %s is carried on by another, and grades nothing twice',
  async (_, after) => {
    const doomed = await start();
    const assignment = await createAssignment(doomed);
    for (let count = 0; count < size; count += 1) await submit(doomed, assignment);
    await gradeQueued(doomed, assignment);
    const { assignment_id } = assignment;
    const regrade = await doomed.api.regradeAssignment({ params: { assignment_id }, body: {} });
    await until(async () => {
      if (after > 0) await gradeQueued(doomed, assignment);
      return (await progress(doomed, regrade)).done >= after;
    });
    await doomed.kill();

    const next = await start();
    const deadline = Date.now() + 40_000;
    while ((await progress(next, regrade)).state !== 'done' && Date.now() < deadline) {
      await gradeQueued(next, assignment);
    }
    const nothingElse = { queued: 0, running: 0, failed: 0, cancelled: 0, skipped: 0 };
    await expect(progress(next, regrade)).resolves.toMatchObject({
      state: 'done',
      total: size,
      done: size,
      ...nothingElse,
    });
    const { items } = await next.api.listSubmissions({ query: { assignment_id } });
    expect(items).toHaveLength(size);
    for (const item of items) expect(item).toMatchObject({ status: 'graded', attempt: 2 });
  },
  60_000,
);
