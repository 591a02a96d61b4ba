import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Assignment } from '@cloudemy/contracts';
import { until } from '@cloudemy/testing';
import { claim, createAssignment, deliver, exampleResult, submit } from '../testing/grading.js';
import { type Replica, type TestStores, serviceAuth, startStores } from '../testing/harness.js';

let stores: TestStores;
let backend: Replica;
let assignment: Assignment;
beforeAll(async () => {
  stores = await startStores();
  backend = await stores.start();
  assignment = await createAssignment(backend);
});
afterAll(() => stores.close());

const countOf = async (wanted: string): Promise<number | undefined> =>
  (await backend.api.getOperation({})).active.find(({ status }) => status === wanted)?.count;

test('says what is under way, and by day how attempts ended and what they cost', async () => {
  const [first, second] = await Promise.all([submit(backend, assignment), submit(backend, assignment)]);
  expect(await countOf('queued')).toBe(2);
  const metrics = { total_tokens: 120, prompt_tokens: 100, completion_tokens: 20, cost_usd: 0.25 };
  const token = await claim(backend, first);
  expect(await countOf('scheduled')).toBe(1);
  await deliver(backend, first.submission_id, token, { ...exampleResult, metrics });
  const failure = { code: 'llm_refused', message: 'The model refused.', retryable: false } as const;
  await deliver(backend, second.submission_id, await claim(backend, second), { status: 'failed', failure });
  await until(async () => {
    const { usage } = await backend.api.getOperation({});
    return usage[0]?.graded === 1 && Object.keys(usage[0].failed).length === 1;
  });
  const { usage, checks, waiting, dead_letters: letters } = await backend.api.getOperation({});
  expect(usage).toEqual([
    {
      day: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      graded: 1,
      failed: { llm_refused: 1 },
      tokens: 120,
      cost_usd: 0.25,
    },
  ]);
  expect(checks.map(({ name, ok }) => [name, ok])).toContainEqual(['mongodb', true]);
  expect({ waiting, letters }).toEqual({ waiting: null, letters: 0 });
});

test('an operator reads what could not be worked on, and has it graded again', async () => {
  const submission = await submit(backend, assignment);
  const body = {
    queue_job: 'a-job',
    payload: '{',
    reason: 'is no JSON',
    submission_id: submission.submission_id,
    attempt: 1,
  };
  await backend.api.reportDeadLetter({ body }, { headers: serviceAuth });
  expect((await backend.api.getOperation({})).dead_letters).toBe(1);
  const { items } = await backend.api.listKeptMessages({ query: {} });
  expect(items).toMatchObject([{ reason: 'is no JSON', replayed_at: null }]);
  const params = { dead_letter_id: items[0]?.dead_letter_id ?? '' };
  expect(await backend.api.replayKeptMessage({ params })).toMatchObject({ replayed_at: expect.any(String) });
  const { submission_id } = submission;
  expect(await backend.api.getSubmission({ params: { submission_id } })).toMatchObject({ attempt: 2 });
});
