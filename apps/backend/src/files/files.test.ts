import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RunnerRecord } from '@cloudemy/contracts';
import { strToU8, zipSync } from 'fflate';
import { claim, createAssignment, deliver, read } from '../testing/grading.js';
import { type Replica, type TestStores, startStores } from '../testing/harness.js';

let stores: TestStores;
let backend: Replica;
beforeAll(async () => {
  stores = await startStores();
  backend = await stores.start();
});
afterAll(() => stores.close());

const png = Buffer.from([137, 80, 78, 71, 0, 255]);
const files = [
  { path: 'util.py', content: '# adds\r\ndef add(a, b):\r\n    return a + b\r\n' },
  { path: 'docs/notes.md', content: 'return a + b' },
  { path: 'docs/plot.png', content: png.toString('base64'), encoding: 'base64' as const },
];

const submit = async (body: object) => {
  const { assignment_id } = await createAssignment(backend);
  return backend.api.createSubmission({ body: { assignment_id, ...body } });
};

const fileOf = (submissionId: string, path: string) =>
  backend.fetch(`/submissions/${submissionId}/file?path=${encodeURIComponent(path)}`);

test('several files are graded together, and evidence names file and lines', async () => {
  const submission = await submit({ files });
  expect(submission.files.map(({ path, language, read: isRead }) => [path, language, isRead])).toEqual([
    ['util.py', 'python', true],
    ['docs/notes.md', null, true],
    ['docs/plot.png', null, false],
  ]);
  expect(submission.files[0]?.content).toBe(files[0]?.content);
  const token = await claim(backend, submission);
  const asked = await backend.fetch(`/internal/submissions/${submission.submission_id}`, {
    headers: { 'x-result-token': token },
  });
  const record = RunnerRecord.parse(await asked.json());
  expect(record.files?.map(({ path }) => path)).toEqual(['util.py', 'docs/notes.md']);
  expect(record.unread).toEqual(['docs/plot.png']);
  const verdicts = ['correct', 'style'].map((criterion_id) => ({
    criterion_id,
    met: true,
    points: criterion_id === 'correct' ? 7 : 3,
    max_points: criterion_id === 'correct' ? 7 : 3,
    reason: 'r',
    evidence: criterion_id === 'correct' ? 'return a + b' : '===== util.py =====',
  }));
  await deliver(backend, submission.submission_id, token, { score: 10, criteria: verdicts });
  const { criteria, score } = await read(backend, submission);
  expect(score).toBe(7);
  expect(criteria).toMatchObject([
    { title: 'Adds', points: 7, file: 'util.py', start_line: 3, end_line: 3 },
    { title: 'Reads well', points: 0, evidence: null, file: null },
  ]);
});

test('each file comes back byte for byte, and no other', async () => {
  const { submission_id: id } = await submit({ files });
  const picture = await fileOf(id, 'docs/plot.png');
  expect(Buffer.from(await picture.arrayBuffer()).equals(png)).toBe(true);
  expect(picture.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''plot.png");
  expect(await (await fileOf(id, 'util.py')).text()).toBe(files[0]?.content);
  expect((await fileOf(id, '../util.py')).status).toBe(404);
});

test('an archive is taken, also when the request is repeated', async () => {
  const { assignment_id } = await createAssignment(backend);
  const zip = zipSync({ 'hw/main.py': strToU8('x = 1'), 'hw/a.bin': new Uint8Array([0, 1]) });
  const body = { assignment_id, archive: Buffer.from(zip).toString('base64') };
  const headers = { 'idempotency-key': 'twice' };
  const first = await backend.api.createSubmission({ body, headers });
  const second = await backend.api.createSubmission({ body, headers });
  expect(second.submission_id).toBe(first.submission_id);
  expect(second.files.map(({ path }) => path)).toEqual(['main.py', 'a.bin']);
  const kept = await fileOf(first.submission_id, 'a.bin');
  expect([...new Uint8Array(await kept.arrayBuffer())]).toEqual([0, 1]);
});

test('code alone is one file, called after its language', async () => {
  const { files: shown } = await submit({ code: 'x = 1' });
  expect(shown).toMatchObject([{ path: 'main.py', bytes: 5, language: 'python', read: true }]);
});

test.each([
  ['two ways at once', { code: 'x', files }],
  ['none', {}],
  ['no files', { files: [] }],
  ['a path that leads out', { files: [{ path: '../x.py', content: 'x' }] }],
  ['what is no archive', { archive: Buffer.from('PK, or not').toString('base64') }],
  ['what is no base64', { archive: '!' }],
])('%s is refused, naming a field', async (_, body) => {
  const { assignment_id } = await createAssignment(backend);
  const answer = await backend.fetch('/submissions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ assignment_id, ...body }),
  });
  expect(answer.status).toBe(422);
  expect(await answer.json()).toMatchObject({ errors: [{ in: 'body', path: expect.stringMatching(/./) }] });
});
