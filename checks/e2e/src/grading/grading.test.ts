import { until } from '@cloudemy/testing';
import { join } from 'node:path';
import { createClient, jobLabels, publicApi, runnerJobName } from '@cloudemy/contracts';
import { JOBS, connectCluster, readJob, resourcePath } from '@cloudemy/k8s';
import { repositoryFolder } from '@cloudemy/emulator-stack';
import { readExample } from '@cloudemy/start/examples';
import { followSubmission } from '@cloudemy/start/follow';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readE2eEnv, readStackEnv, runnerNamespace } from '../environment.js';

const stack = readStackEnv();
const namespace = runnerNamespace(readE2eEnv());
const { instructor, student } = stack.E2E_STACK_PEOPLE;
const as = (headers: Record<string, string>) =>
  createClient(publicApi, { baseUrl: stack.E2E_STACK_BACKEND, headers });
const client = as(student);
const cluster = connectCluster({ kubeconfig: stack.E2E_STACK_KUBECONFIG });
const example = await readExample(join(repositoryFolder, 'examples'), 'merge-intervals');
let assignmentId: string;

beforeAll(async () => {
  assignmentId = (await as(instructor).createAssignment({ body: example.assignment })).assignment_id;
});
afterAll(() => cluster.close());

const submit = async (code: string) =>
  (await client.createSubmission({ body: { assignment_id: assignmentId, code } })).submission_id;

const read = (submission_id: string) => client.getSubmission({ params: { submission_id } });

async function statesOf(submissionId: string): Promise<string[]> {
  const states: string[] = [];
  const events = followSubmission(
    stack.E2E_STACK_BACKEND,
    submissionId,
    AbortSignal.timeout(110_000),
    student,
  );
  for await (const event of events) states.push(event.status);
  return states;
}

test('programs are graded through a Job each, and the better one scores more', async () => {
  const ids = await Promise.all(example.programs.map(({ code }) => submit(code)));
  const states = await Promise.all(ids.map(statesOf));
  for (const seen of states) {
    expect(seen[0]).toBe('queued');
    expect(seen.at(-1)).toBe('graded');
  }
  const [good, flawed, manipulating] = await Promise.all(ids.map(read));
  expect(good?.score).toBeGreaterThan(flawed?.score ?? Number.NaN);
  expect(good?.score).toBeLessThanOrEqual(good?.max_score ?? Number.NaN);
  expect(good?.feedback).not.toBe('');
  expect(good?.metrics).toMatchObject({ model: expect.any(String), total_tokens: expect.any(Number) });
  expect(flawed?.fail_tags.length).toBeGreaterThan(0);
  expect(manipulating?.fail_tags).toContain('manipulation-suspected');
});

test('the Job is named, labelled and limited as the contract says', async () => {
  const id = await submit('def merge_intervals(intervals):\n    return sorted(intervals)\n');
  await statesOf(id);
  const job = await cluster.api.get(resourcePath(JOBS, { namespace, name: runnerJobName(id, 1) }));
  expect(job).toMatchObject({
    metadata: {
      labels: {
        [jobLabels.managedBy]: jobLabels.managedByValue,
        [jobLabels.instance]: stack.E2E_STACK_INSTANCE,
        [jobLabels.submission]: id,
      },
    },
    spec: { backoffLimit: 1, activeDeadlineSeconds: 120, template: { spec: { restartPolicy: 'Never' } } },
  });
});

test('a regrade is a new attempt with a Job of its own', async () => {
  const id = await submit('def merge_intervals(intervals):\n    return intervals\n');
  await statesOf(id);
  const again = await as(instructor).regradeSubmission({ params: { submission_id: id } });
  expect(again).toMatchObject({ attempt: 2, status: 'queued' });
  const states = await statesOf(id);
  expect(states.filter((state) => state === 'graded')).toHaveLength(2);
  await cluster.api.get(resourcePath(JOBS, { namespace, name: runnerJobName(id, 2) }));
});

test('nobody writes a result without the token of the attempt', async () => {
  const id = await submit('def merge_intervals(intervals):\n    return []\n');
  const answer = await fetch(`${stack.E2E_STACK_BACKEND}/internal/submissions/${id}/result`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-result-token': 'guessed' },
    body: JSON.stringify({ attempt: 1, status: 'graded', score: 100, fail_tags: [], feedback: 'forged' }),
  });
  expect(answer.status).toBe(401);
  await statesOf(id);
  expect((await read(id)).feedback).not.toBe('forged');
});

test('a cancelled submission stays cancelled and its Job goes', async () => {
  const id = await submit('print("never mind")\n');
  const cancelled = await client.cancelSubmission({ params: { submission_id: id } }).catch(() => undefined);
  const final = await statesOf(id);
  // The runner may have been quicker; then the cancellation was refused.
  expect(final.at(-1)).toBe(cancelled === undefined ? 'graded' : 'cancelled');
  if (cancelled === undefined) return;
  await until(async () =>
    (await readJob(cluster.api, namespace, runnerJobName(id, 1))) === undefined ? true : undefined,
  );
});
