import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Assignment, Submission } from '@cloudemy/contracts';
import { verifyReceipt } from '@cloudemy/receipts';
import fc from 'fast-check';
import { claim, deliver, exampleAssignment, exampleResult, resultOf } from '../testing/grading.js';
import { type Replica, type TestStores, startStores } from '../testing/harness.js';
import { type Person, adminEmail, bearer, join, jwtEnv, signIn } from '../testing/people.js';

let stores: TestStores;
let backend: Replica;
let teacher: Person;
let student: Person;
let assignment: Assignment;
beforeAll(async () => {
  stores = await startStores();
  backend = await stores.start(jwtEnv);
  const admin = await signIn(backend, adminEmail);
  teacher = await join(backend, admin, ['instructor'], 'teacher');
  student = await join(backend, admin, ['student'], 'kim-minjun');
  assignment = await backend.api.createAssignment({ body: exampleAssignment }, { headers: bearer(teacher) });
});
afterAll(() => stores.close());

const said = (content: string) => ({ content, bytes: content.length, sha256: 'x'.repeat(43) });
const transcript = {
  exchanges: [
    {
      model: 'asked-for',
      parameters: { temperature: 0, structure: 'json_schema' },
      repeats: 0,
      messages: [{ role: 'user', ...said('Grade this, and mind what the students must not read.') }],
      answers: [said('{"verdicts": []}')],
      end: 'whole',
      reported_model: 'reported',
      total_tokens: 12,
    },
  ],
  left_out: 0,
};

async function graded(result: object = { ...exampleResult, transcript }): Promise<Submission> {
  const submission = await backend.api.createSubmission(
    { body: { assignment_id: assignment.assignment_id, code: 'def add(a, b): return a + b' } },
    { headers: bearer(student) },
  );
  const answer = await deliver(backend, submission.submission_id, await claim(backend, submission), result);
  expect(answer.status).toBe(200);
  return submission;
}

const get = (person: Person, { submission_id: id }: Submission, accept = 'application/json', attempt = 1) =>
  backend.fetch(`/submissions/${id}/attempts/${attempt}/receipt`, {
    headers: { ...bearer(person), accept },
  });
const receipt = async (person: Person, submission: Submission): Promise<Buffer> => {
  const answer = await get(person, submission);
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
};
const keys = async (): Promise<string[]> => {
  const published = await backend.api.getReceiptKeys({});
  return published.keys.map(({ kid }) => kid);
};

describe('a receipt', () => {
  test('is signed by the installation, and its score is computed again from what it discloses', async () => {
    const bytes = await receipt(teacher, await graded());
    const verdict = await verifyReceipt(bytes, await keys());
    expect(verdict).toMatchObject({ fits: true, recomputed: 'from the code' });
    expect(JSON.parse(bytes.toString())).toMatchObject({
      disclosed: { transcript: { value: transcript }, code: { value: { language: 'python' } } },
      receipt: {
        result: { score: 7, max_score: 10 },
        model: { asked_for: 'asked-for', reported: 'test', total_tokens: 12 },
        in_force: { source: 'attempt', score: 7 },
      },
    });
  });

  test('of a student holds the hash of what was said to the model, and not what was said', async () => {
    const bytes = await receipt(student, await graded());
    expect(await verifyReceipt(bytes, await keys())).toMatchObject({
      fits: true,
      recomputed: 'from the code',
    });
    expect(bytes.toString()).not.toContain('must not read');
    expect(JSON.parse(bytes.toString()).receipt.digests.transcript).toMatch(/^[\w-]{43}$/);
  });

  test('tells what people decided, with who and why', async () => {
    const submission = await graded();
    const { submission_id } = submission;
    const as = { headers: bearer(teacher) };
    await backend.api.regradeSubmission({ params: { submission_id } }, as);
    await deliver(backend, submission_id, await claim(backend, { ...submission, attempt: 2 }), resultOf(9));
    const body = { attempt: 1, reason: 'The second one was too kind.' };
    await backend.api.restoreGrade({ params: { submission_id }, body }, as);
    const { receipt: signed, disclosed } = JSON.parse((await receipt(student, submission)).toString());
    expect(
      signed.changes.map(({ source, score }: { source: string; score: number }) => [source, score]),
    ).toEqual([
      ['attempt', 7],
      ['attempt', 9],
      ['restored', 7],
    ]);
    const decision = { actor: `user:${teacher.userId}`, reason: body.reason, version: expect.any(Number) };
    expect(disclosed.decisions.value.at(-1)).toEqual(decision);
  });

  test('of any attempt is found out when a byte of it is changed', async () => {
    const bytes = await receipt(teacher, await graded());
    const trusted = await keys();
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: bytes.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, change) => {
          const damaged = Buffer.from(bytes);
          damaged[at] = (bytes[at] ?? 0) ^ change;
          expect(await verifyReceipt(damaged, trusted)).toMatchObject({ fits: false });
        },
      ),
      { numRuns: 100 },
    );
  });

  test('is there of a failed attempt too, and not of one that goes on', async () => {
    const failure = { code: 'llm_refused', message: 'Refused.', retryable: false };
    const failed = await backend.api.createSubmission(
      { body: { assignment_id: assignment.assignment_id, code: 'x = 1' } },
      { headers: bearer(student) },
    );
    expect((await get(student, failed)).status).toBe(409);
    const token = await claim(backend, failed);
    await deliver(backend, failed.submission_id, token, { status: 'failed', failure, transcript });
    const verdict = await verifyReceipt(await receipt(student, failed), await keys());
    expect(verdict).toMatchObject({ fits: true, recomputed: 'no score' });
    expect((await get(student, failed, 'application/json', 2)).status).toBe(404);
  });

  test('is kept for a grade whose transcript is damaged or too large', async () => {
    const submission = await graded({ ...exampleResult, transcript: { exchanges: 'x'.repeat(10) } });
    expect(await verifyReceipt(await receipt(teacher, submission))).toMatchObject({ fits: true });
  });

  test.each(['text/html', 'text/markdown'])(
    'says in words, as %s, what part the machine had',
    async (type) => {
      const criteria = exampleResult.criteria.map((one) => ({ ...one, reason: '<script>alert(1)</script>' }));
      const answer = await get(student, await graded({ ...exampleResult, criteria }), type);
      expect(answer.headers.get('content-type')).toContain(type);
      const page = await answer.text();
      expect(page).toContain('The language model test read your code');
      expect(page).toContain('No person has changed that so far.');
      expect(page).not.toContain('<script>');
    },
  );
});

test('what a runner is given, and so a model, says nothing about the person', async () => {
  const submission = await backend.api.createSubmission(
    { body: { assignment_id: assignment.assignment_id, code: 'def add(a, b): return a + b' } },
    { headers: bearer(student) },
  );
  const token = await claim(backend, submission);
  const { submission_id } = submission;
  const record = await backend.api.getRunnerRecord({
    params: { submission_id },
    headers: { 'x-result-token': token },
  });
  const text = JSON.stringify(record);
  for (const personal of [student.userId, student.email, 'minjun', teacher.userId, teacher.email]) {
    expect(text).not.toContain(personal);
  }
});
