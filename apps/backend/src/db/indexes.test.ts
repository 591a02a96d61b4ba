import { afterAll, beforeAll, expect, test } from '@jest/globals';
import mongoose from 'mongoose';
import { claim, createAssignment, deliver, exampleResult, submit } from '../testing/grading.js';
import { type TestStores, serviceAuth, startStores } from '../testing/harness.js';

interface Explained {
  queryPlanner: { winningPlan: object };
  executionStats: { totalDocsExamined: number };
}

let stores: TestStores;
const connection = mongoose.createConnection();
beforeAll(async () => {
  stores = await startStores();
  await connection.openUri(stores.mongoUri, { dbName: 'cloudemy' });
});
afterAll(async () => {
  mongoose.set('debug', false);
  await connection.close();
  await stores.close();
});

/** Every read and conditional write that mongoose sends while something is done. */
async function queriesDuring(work: () => Promise<unknown>): Promise<Map<string, () => Promise<Explained>>> {
  const seen = new Map<string, () => Promise<Explained>>();
  mongoose.set('debug', (collection: string, method: string, filter: object, ...rest: object[]) => {
    if (!/^(find|update|count)/.test(method)) return;
    const sort = Object.assign({}, ...rest).sort ?? {};
    seen.set(`${collection}.${method} ${Object.keys(filter).join()} by ${JSON.stringify(sort)}`, async () => {
      return (await connection.collection(collection).find(filter).sort(sort).explain()) as Explained;
    });
  });
  await work();
  mongoose.set('debug', false);
  return seen;
}

test('every query of requests and sweepers is served by an index', async () => {
  const backend = await stores.start();
  const { api } = backend;
  const queries = await queriesDuring(async () => {
    const assignment = await createAssignment(backend);
    const { assignment_id, owner_id } = assignment;
    await api.updateAssignment({ params: { assignment_id }, body: { title: 'Other', version: 1 } });
    const graded = await submit(backend, assignment);
    await deliver(backend, graded.submission_id, await claim(backend, graded), exampleResult);
    const waiting = await submit(backend, assignment);
    const failing = {
      kind: 'waiting',
      code: 'x',
      message: 'x',
      submission_id: waiting.submission_id,
    } as const;
    await api.reportJobs({ body: { items: [{ ...failing, attempt: 1 }] } }, { headers: serviceAuth });
    for (const query of [
      {},
      { assignment_id },
      { user_id: owner_id },
      { status: 'queued' as const },
      { assignment_id, status: 'graded' as const, created_after: graded.created_at },
    ]) {
      const { next_cursor: cursor } = await api.listSubmissions({ query: { ...query, limit: 1 } });
      if (cursor !== null) await api.listSubmissions({ query: { ...query, cursor } });
    }
    const params = { assignment_id };
    await api.listStandings({ params });
    await api.getGradeStatistics({ params });
    await api.exportGrades({ params });
    await api.exportResults({ params });
    for (const query of [{}, { owner_id }, { language: 'go' as const }, { archived: 'false' as const }]) {
      await api.listAssignments({ query });
    }
    for (const query of [{}, { role: 'admin' as const }]) await api.listUsers({ query });
    // At least one turn of every sweeper.
    await new Promise((resolve) => {
      setTimeout(resolve, 600);
    });
  });
  expect(queries.size).toBeGreaterThan(20);
  for (const [query, explain] of queries) {
    const { queryPlanner } = await explain();
    expect(`${query}: ${JSON.stringify(queryPlanner.winningPlan)}`).not.toMatch('COLLSCAN');
  }
});

test('a list reads its page, not the collection', async () => {
  const backend = await stores.start();
  const assignment = await createAssignment(backend);
  const other = await createAssignment(backend);
  for (let n = 0; n < 20; n += 1) await submit(backend, assignment);
  await submit(backend, other);
  const queries = await queriesDuring(() =>
    backend.api.listSubmissions({ query: { assignment_id: other.assignment_id } }),
  );
  const lists = [...queries].filter(([query]) => query.startsWith('submissions.find assignment_id'));
  expect(lists).toHaveLength(1);
  for (const [, explain] of lists) expect((await explain()).executionStats.totalDocsExamined).toBe(1);
});
