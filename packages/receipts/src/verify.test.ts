import { expect, test } from '@jest/globals';
import type { Receipt } from '@cloudemy/contracts';
import fc from 'fast-check';
import { receiptKey } from './key.js';
import { type Part, digestOf, saltOf } from './parts.js';
import { signReceipt } from './sign.js';
import { verifyReceipt } from './verify.js';

const criteria = [
  { criterion_id: 'adds', met: true, points: 7, max_points: 7, reason: 'It adds.', evidence: 'return a + b' },
  { criterion_id: 'style', met: false, points: 0, max_points: 3, reason: 'Größe', evidence: null },
];
const values = {
  code: { code: 'def add(a, b):\n    return a + b\n' },
  student: { user_id: '66f0c0ffee00000000000009' },
  rubric: {
    rubric: {
      criteria: criteria.map(({ criterion_id, max_points }) => ({
        criterion_id,
        title: criterion_id,
        description: '',
        points: max_points,
      })),
    },
  },
  judgement: { feedback: 'It adds.', criteria },
  transcript: null,
  decisions: [],
};
const secret = 'a secret of a test that is long enough';

function part(name: keyof typeof values): Part {
  return { salt: saltOf('salt', name), value: values[name] };
}
const parts = {
  code: part('code'),
  student: part('student'),
  rubric: part('rubric'),
  judgement: part('judgement'),
  transcript: part('transcript'),
  decisions: part('decisions'),
};
const receiptOf = (score = 7): Receipt => ({
  submission_id: '66f0c0ffee00000000000001',
  assignment_id: '66f0c0ffee00000000000002',
  assignment_version: 1,
  attempt: 1,
  language: 'python',
  submitted_at: '2026-11-01T10:00:00.000Z',
  finished_at: '2026-11-01T10:00:05.000Z',
  issued_at: '2026-11-01T11:00:00.000Z',
  status: 'graded',
  failure_code: null,
  result: {
    score,
    max_score: 10,
    fail_tags: [],
    criteria: criteria.map(({ criterion_id, met, points, max_points }) => ({
      criterion_id,
      met,
      points,
      max_points,
    })),
  },
  model: null,
  in_force: null,
  changes: [],
  digests: {
    code: digestOf(parts.code),
    student: digestOf(parts.student),
    rubric: digestOf(parts.rubric),
    judgement: digestOf(parts.judgement),
    transcript: digestOf(parts.transcript),
    decisions: digestOf(parts.decisions),
  },
});
const file = async (disclosed: Partial<typeof parts> = parts, receipt = receiptOf()): Promise<Buffer> =>
  Buffer.from(await signReceipt(receipt, disclosed, await receiptKey(secret)));

test('a receipt fits, and its score is computed again from code, rubric and verdicts', async () => {
  expect(await verifyReceipt(await file())).toMatchObject({ fits: true, recomputed: 'from the code' });
});

test('what is withheld leaves the rest to be checked', async () => {
  const { student, judgement } = parts;
  const verdict = await verifyReceipt(await file({ student, judgement }));
  expect(verdict).toMatchObject({ fits: true, recomputed: 'from the criteria' });
});

test('a key of somebody else is named when the installation says its own', async () => {
  const { publicKey } = await receiptKey('another secret that is as long as that');
  const own = await receiptKey(secret);
  expect(await verifyReceipt(await file(), [publicKey.kid])).toMatchObject({ fits: false });
  expect(await verifyReceipt(await file(), [own.publicKey.kid])).toMatchObject({ fits: true });
});

test('a score that does not follow from the verdicts does not fit, signed or not', async () => {
  const bytes = await file(parts, receiptOf(8));
  const verdict = await verifyReceipt(bytes);
  expect(verdict).toMatchObject({ fits: false, misfit: { reason: 'the criteria add up to 7' } });
  const byte = verdict.fits ? -1 : verdict.misfit.byte;
  expect(bytes.subarray(byte, byte + 1).toString()).toBe('8');
});

test('any byte that is changed is found, and so is one too many or too few', async () => {
  const bytes = await file();
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: bytes.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      async (at, change) => {
        const damaged = Buffer.from(bytes);
        damaged[at] = (bytes[at] ?? 0) ^ change;
        const verdict = await verifyReceipt(damaged);
        expect(verdict).toMatchObject({ fits: false, misfit: { byte: expect.any(Number) } });
        expect(await verifyReceipt(bytes.subarray(0, at))).toMatchObject({ fits: false });
      },
    ),
    { numRuns: 300 },
  );
  expect(await verifyReceipt(Buffer.concat([bytes, Buffer.from('\n')]))).toMatchObject({
    fits: false,
    misfit: { byte: bytes.length },
  });
});

test.each(['"score":7', '"attempt":1', '"submitted_at":"2026-11-01T10'])(
  'the first byte that does not fit is named where %s of the receipt was changed',
  async (found) => {
    const bytes = await file();
    const at = bytes.lastIndexOf(found) + found.length - 1;
    const damaged = Buffer.from(bytes);
    damaged[at] = '3'.charCodeAt(0);
    expect(await verifyReceipt(damaged)).toMatchObject({ fits: false, misfit: { byte: at } });
  },
);
