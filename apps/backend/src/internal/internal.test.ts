import { until } from '@cloudemy/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Assignment, JobReport, Submission } from '@cloudemy/contracts';
import {
  claim,
  createAssignment,
  deliver,
  exampleFailure,
  exampleResult,
  path,
  read,
  submit,
} from '../testing/grading.js';
import { type Replica, type TestStores, serviceAuth, startStores } from '../testing/harness.js';

const unknownId = 'ffffffffffffffffffffffff';

let stores: TestStores;
let backend: Replica;
let twin: Replica;
let assignment: Assignment;
beforeAll(async () => {
  stores = await startStores();
  backend = await stores.start();
  twin = await stores.start();
  assignment = await createAssignment(backend);
});
afterAll(() => stores.close());

const ref = ({ submission_id, attempt }: Submission) => ({ submission_id, attempt });
const claimAll = async (items: { submission_id: string; attempt: number }[], at = backend) =>
  (await at.api.claimSubmissions({ body: { items } }, { headers: serviceAuth })).items;
const report = async (...items: JobReport[]) =>
  (await backend.api.reportJobs({ body: { items } }, { headers: serviceAuth })).items.map(
    ({ outcome }) => outcome,
  );

/** Transitions to `scheduled` that the replicas have counted, all together. */
/** `/metrics` gives the same answer for a second. */
const metricsKeptMs = 1_050;

async function countedClaims(): Promise<number> {
  await sleep(metricsKeptMs);
  const counted = /submission_transitions_total\{from="queued",to="scheduled".*\} (\d+)/;
  const texts = await Promise.all([backend, twin].map(async (one) => (await one.fetch('/metrics')).text()));
  return texts.reduce((sum, text) => sum + Number(counted.exec(text)?.[1] ?? 0), 0);
}

test('what a replica remembers of what it queued does not stand for what another did since', async () => {
  const [cancelled, again] = [await submit(backend, assignment), await submit(backend, assignment)];
  for (const { submission_id } of [cancelled, again]) {
    await twin.api.cancelSubmission({ params: { submission_id } });
  }
  await twin.api.regradeSubmission({ params: { submission_id: again.submission_id } });
  const claims = await claimAll([ref(cancelled), ref(again), { ...ref(again), attempt: 2 }]);
  expect(claims.map(({ outcome }) => outcome)).toEqual(['final', 'stale', 'claimed']);
});

describe('the service token', () => {
  test.each<[string, Record<string, string>]>([
    ['none', {}],
    ['another', { authorization: 'Bearer guessed' }],
    ['another scheme', { authorization: `Basic ${serviceAuth.authorization.slice(7)}` }],
  ])('must not be %s', async (_what, headers) => {
    for (const call of ['claim', 'reports', 'states']) {
      const answer = await backend.fetch(`/internal/submissions/${call}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: '{"broken',
      });
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ code: 'unauthenticated' });
    }
  });
});

describe('claiming', () => {
  test('tells which attempts want a Job, in order', async () => {
    const wanted = await submit(backend, assignment);
    const cancelled = await submit(backend, assignment);
    const regraded = await submit(backend, assignment);
    await backend.api.cancelSubmission({ params: { submission_id: cancelled.submission_id } });
    await backend.api.cancelSubmission({ params: { submission_id: regraded.submission_id } });
    await backend.api.regradeSubmission({ params: { submission_id: regraded.submission_id } });
    const items = await claimAll([
      ref(wanted),
      ref(cancelled),
      ref(regraded),
      { submission_id: unknownId, attempt: 1 },
      { ...ref(wanted), attempt: 7 },
    ]);
    expect(items.map(({ outcome }) => outcome)).toEqual(['claimed', 'final', 'stale', 'unknown', 'unknown']);
    expect(items[0]).toMatchObject({ user_id: wanted.user_id, traceparent: null });
  });

  test('again and at once gives tokens that work, and one entry in the history', async () => {
    const submission = await submit(backend, assignment);
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, n) => claimAll([ref(submission)], n % 2 === 0 ? backend : twin)),
    );
    expect(answers.flat().map(({ outcome }) => outcome)).toEqual(Array(6).fill('claimed'));
    expect(path(await read(backend, submission))).toEqual(['queued', 'scheduled']);
  });

  test.each(['01', '00'])(
    'carries the trace of the request that submitted, recorded whatever it says (%s)',
    async (flags) => {
      const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331';
      const submission = await backend.api.createSubmission(
        { body: { assignment_id: assignment.assignment_id, code: 'x' } },
        { headers: { traceparent: `${trace}-${flags}` } },
      );
      await expect(claimAll([ref(submission)])).resolves.toMatchObject([{ traceparent: `${trace}-01` }]);
    },
  );

  test('takes many at once', async () => {
    const submissions = await Promise.all(Array.from({ length: 60 }, () => submit(backend, assignment)));
    const items = await claimAll(submissions.map(ref));
    expect(items.map((item) => item.submission_id)).toEqual(submissions.map((one) => one.submission_id));
    expect(items.every(({ outcome }) => outcome === 'claimed')).toBe(true);
  });

  test('many at once, while others claim some of them and one is cancelled, moves each once', async () => {
    const submissions = await Promise.all(Array.from({ length: 12 }, () => submit(backend, assignment)));
    const [cancelled, ...kept] = submissions;
    if (cancelled === undefined) throw new Error('nothing was submitted');
    const refs = submissions.map(ref);
    const { submission_id } = cancelled;
    const before = await countedClaims();
    await Promise.all([
      claimAll(refs),
      backend.api.cancelSubmission({ params: { submission_id } }),
      claimAll(refs.toReversed(), twin),
      claimAll(refs.slice(4)),
    ]);
    expect((await read(backend, cancelled)).status).toBe('cancelled');
    for (const one of kept) expect(path(await read(backend, one))).toEqual(['queued', 'scheduled']);
    // Whoever lost a race to one that wanted the same counts nothing; the cancelled one may have been claimed before.
    const claimed = kept.length + (path(await read(backend, cancelled)).includes('scheduled') ? 1 : 0);
    // The figures are told again for a moment before they are collected again.
    await until(async () => (await countedClaims()) - before >= claimed);
    expect((await countedClaims()) - before).toBe(claimed);
    const again = await claimAll(refs);
    expect(again.map(({ outcome }) => outcome)).toEqual(['final', ...kept.map(() => 'claimed')]);
  });

  test('refuses batches that are empty, too large or of something else', async () => {
    const tooMany = Array.from({ length: 501 }, () => ({ submission_id: unknownId, attempt: 1 }));
    for (const items of [[], tooMany, [{ id: 1 }], 'all']) {
      const answer = await backend.fetch('/internal/submissions/claim', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...serviceAuth },
        body: JSON.stringify({ items }),
      });
      expect(answer.status).toBe(422);
    }
  });
});

describe('reporting', () => {
  test('moves submissions on, in the order given', async () => {
    const submission = await submit(backend, assignment);
    await claim(backend, submission);
    const about = ref(submission);
    await expect(
      report({ kind: 'running', ...about }, { kind: 'failed', ...about, failure: exampleFailure }),
    ).resolves.toEqual(['applied', 'applied']);
    const failed = await read(backend, submission);
    expect(failed).toMatchObject({ status: 'failed', failure: exampleFailure });
    expect(path(failed)).toEqual(['queued', 'scheduled', 'running', 'failed']);
    await expect(
      report({ kind: 'running', ...about }, { kind: 'failed', ...about, failure: exampleFailure }),
    ).resolves.toEqual(['final', 'unchanged']);
  });

  test('shows why a submission waits, without history, until it moves', async () => {
    const submission = await submit(backend, assignment);
    const token = await claim(backend, submission);
    const waiting = { kind: 'waiting', ...ref(submission), code: 'unschedulable' } as const;
    await expect(report({ ...waiting, message: 'no node has 2 CPUs free' })).resolves.toEqual(['applied']);
    await expect(report({ ...waiting, message: 'no node has 2 CPUs free' })).resolves.toEqual(['unchanged']);
    const first = await read(backend, submission);
    expect(first).toMatchObject({
      status: 'scheduled',
      waiting: { code: 'unschedulable', message: 'no node has 2 CPUs free' },
    });
    await expect(report({ ...waiting, message: 'still none' })).resolves.toEqual(['applied']);
    const second = await read(backend, submission);
    expect(second.waiting).toEqual({ ...first.waiting, message: 'still none' });
    expect(second.history).toHaveLength(2);
    await backend.api.reportStarted({
      params: { submission_id: submission.submission_id },
      headers: { 'x-result-token': token },
    });
    await expect(report({ ...waiting, message: 'late' })).resolves.toEqual(['unchanged']);
    await expect(read(backend, submission)).resolves.toMatchObject({ status: 'running', waiting: null });
  });

  test('changes nothing that is over, replaced or unknown', async () => {
    const submission = await submit(backend, assignment);
    const token = await claim(backend, submission);
    await deliver(backend, submission.submission_id, token, exampleResult);
    const failed = { kind: 'failed', failure: exampleFailure } as const;
    const waiting = { kind: 'waiting', code: 'x', message: 'x' } as const;
    await expect(
      report(
        { ...failed, ...ref(submission) },
        { ...waiting, ...ref(submission) },
        { ...failed, submission_id: unknownId, attempt: 1 },
        { ...waiting, submission_id: unknownId, attempt: 1 },
      ),
    ).resolves.toEqual(['final', 'final', 'unknown', 'unknown']);
    await backend.api.regradeSubmission({ params: { submission_id: submission.submission_id } });
    await expect(
      report({ ...failed, ...ref(submission) }, { ...waiting, ...ref(submission) }),
    ).resolves.toEqual(['stale', 'stale']);
    expect((await read(backend, submission)).status).toBe('queued');
  });
});

test('reads the states of those that exist', async () => {
  const submission = await submit(backend, assignment);
  const body = { submission_ids: [submission.submission_id, unknownId] };
  const { items } = await backend.api.readStates({ body }, { headers: serviceAuth });
  expect(items).toEqual([{ ...ref(submission), status: 'queued' }]);
});

describe('the runner', () => {
  const ask = (submission: Submission, token: string, what = '') =>
    backend.fetch(`/internal/submissions/${submission.submission_id}${what}`, {
      method: what === '' ? 'GET' : 'POST',
      headers: { 'x-result-token': token },
    });

  test('reads its record and says that it has begun, more than once', async () => {
    const submission = await submit(backend, assignment, 'print(1)');
    const token = await claim(backend, submission);
    await expect((await ask(submission, token)).json()).resolves.toMatchObject({
      submission_id: submission.submission_id,
      attempt: 1,
      code: 'print(1)',
      assignment: { version: 1, rubric: { criteria: [{ criterion_id: 'correct' }, {}] } },
    });
    for (let time = 0; time < 2; time += 1) {
      const answer = await ask(submission, token, '/started');
      expect(await answer.json()).toMatchObject({ status: 'running', score: null });
    }
    expect(path(await read(backend, submission))).toEqual(['queued', 'scheduled', 'running']);
  });

  test('is told to stop when the attempt is over or replaced, and nothing without a token', async () => {
    const submission = await submit(backend, assignment);
    const token = await claim(backend, submission);
    expect((await ask(submission, 'x')).status).toBe(401);
    expect((await ask(submission, 'x', '/started')).status).toBe(401);
    const params = { submission_id: submission.submission_id };
    await backend.api.cancelSubmission({ params });
    for (const what of ['', '/started']) {
      const answer = await ask(submission, token, what);
      expect(await answer.json()).toMatchObject({ status: 409, code: 'submission_final' });
    }
    await backend.api.regradeSubmission({ params });
    for (const what of ['', '/started']) {
      const answer = await ask(submission, token, what);
      expect(await answer.json()).toMatchObject({ status: 409, code: 'stale_attempt' });
    }
  });
});
