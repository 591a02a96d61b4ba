import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Assignment, type Problem, Submission } from '@cloudemy/contracts';
import { createAssignment, exampleAssignment } from '../testing/grading.js';
import { type Replica, type TestStores, startStores } from '../testing/harness.js';

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

interface PostOptions {
  headers?: Record<string, string>;
  to?: Replica;
}

const post = (body: string | Buffer | object, { headers = {}, to = backend }: PostOptions = {}) =>
  to.fetch('/submissions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body:
      typeof body === 'string'
        ? body
        : Buffer.isBuffer(body)
          ? new Uint8Array(body)
          : JSON.stringify({ assignment_id: assignment.assignment_id, code: 'pass', ...body }),
  });

const problemOf = async (answer: Response): Promise<Problem> => (await answer.json()) as Problem;

test('accepts with 202 and a location, and has stored what it answers', async () => {
  const answer = await post({ code: 'print("grüße")', language: 'python' });
  expect(answer.status).toBe(202);
  const accepted = await answer.json();
  expect(accepted).toMatchObject({
    status: 'queued',
    attempt: 1,
    code_bytes: 16,
    max_score: 10,
    assignment_version: 1,
    history: [{ seq: 1, status: 'queued', actor: 'user:000000000000000000000001' }],
  });
  const read = await twin.fetch(answer.headers.get('location') ?? '');
  const { queue: _place, ...stored } = Submission.parse(await read.json());
  expect({ ...stored, queue: null }).toEqual(accepted);
});

test('submits on behalf of a user who exists', async () => {
  const user = await backend.api.createUser({ body: { email: 's@example.com', display_name: 'S' } });
  const answer = await post({ user_id: user.user_id });
  expect(await answer.json()).toMatchObject({ user_id: user.user_id });
  const refused = await problemOf(await post({ user_id: unknownId }));
  expect(refused).toMatchObject({ status: 422, errors: [{ path: 'user_id' }] });
});

describe('refuses, saying why,', () => {
  test.each<[string, () => string | Buffer | object, string]>([
    ['JSON that is none', () => '{"code": ', 'malformed_json'],
    ['bytes that are not UTF-8', () => Buffer.from([0x22, 0xc3, 0x28, 0x22]), 'malformed_json'],
  ])('%s', async (_what, body, code) => {
    const answer = await post(body());
    expect(answer.status).toBe(400);
    expect(await problemOf(answer)).toMatchObject({ code });
  });

  test.each<[string, object | string, string]>([
    ['no body', '', 'code'],
    ['a list', '[]', ''],
    ['code that is a number', { code: 7 }, 'code'],
    ['empty code', { code: '' }, 'code'],
    ['blank code', { code: ' \n\t ' }, 'code'],
    ['half a surrogate pair', { code: 'x = "\ud800"' }, 'code'],
    ['unknown fields', { priority: 1 }, 'priority'],
    ['an id that is none', { assignment_id: '../../etc' }, 'assignment_id'],
    ['an operator for an id', { assignment_id: { $ne: null } }, 'assignment_id'],
    ['an assignment nobody made', { assignment_id: unknownId }, 'assignment_id'],
    ['a language nobody speaks', { language: 'klingon' }, 'language'],
    ["a language other than the assignment's", { language: 'rust' }, 'language'],
  ])('%s', async (_what, body, path) => {
    const answer = await post(body);
    expect(answer.status).toBe(422);
    const problem = await problemOf(answer);
    expect(problem.code).toBe('invalid_request');
    expect(problem.errors?.map((error) => error.path)).toContain(path);
  });

  test('another language by naming both', async () => {
    const { detail } = await problemOf(await post({ language: 'rust' }));
    expect(detail).toMatch(/rust.*python/);
  });

  test('another media type and another charset', async () => {
    for (const type of ['text/plain', 'application/xml', 'application/json; charset=latin1']) {
      expect((await post({}, { headers: { 'content-type': type } })).status).toBe(415);
    }
  });

  test('code above the limit of the service, naming it, and not code at the limit', async () => {
    expect((await post({ code: 'x'.repeat(262_144) })).status).toBe(202);
    const answer = await post({ code: 'x'.repeat(262_145) });
    expect(answer.status).toBe(413);
    expect(await problemOf(answer)).toMatchObject({
      code: 'too_large',
      detail: expect.stringContaining('262144'),
    });
  });

  test('counts bytes, not letters, and takes what JSON makes six times as long', async () => {
    expect((await post({ code: 'ü'.repeat(131_073) })).status).toBe(413);
    expect((await post({ code: `x${'\u0001'.repeat(262_143)}` })).status).toBe(202);
  });

  test('code above the limit of the assignment', async () => {
    const small = await backend.api.createAssignment({
      body: { ...exampleAssignment, limits: { max_code_bytes: 10 } },
    });
    const submit = (code: string) => post({ assignment_id: small.assignment_id, code });
    expect((await submit('0123456789')).status).toBe(202);
    const answer = await submit('0123456789a');
    expect(answer.status).toBe(413);
    expect(await problemOf(answer)).toMatchObject({ detail: expect.stringContaining('this assignment') });
  });

  test('a body larger than any submission', async () => {
    const answer = await post(`{"code":"${'x'.repeat(3 * 1_024 * 1_024)}"}`);
    expect(answer.status).toBe(413);
  });

  test('work for an archived assignment', async () => {
    const { assignment_id } = await createAssignment(backend);
    await backend.api.archiveAssignment({ params: { assignment_id } });
    const answer = await post({ assignment_id });
    expect(await problemOf(answer)).toMatchObject({ status: 409, code: 'assignment_archived' });
  });

  test('pages of strangers', async () => {
    const preflight = await backend.fetch('/submissions', {
      method: 'OPTIONS',
      headers: { origin: 'http://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
    expect((await post({}, { headers: { origin: 'http://evil.example' } })).status).toBe(403);
  });
});

test('lets the pages of the frontend in and read what they need', async () => {
  const origin = 'http://cloudemy.local';
  const preflight = await backend.fetch('/submissions', {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'idempotency-key,content-type',
    },
  });
  expect(preflight.headers.get('access-control-allow-origin')).toBe(origin);
  expect(preflight.headers.get('access-control-allow-headers')).toMatch(/idempotency-key/i);
  const answer = await post({}, { headers: { origin } });
  expect(answer.headers.get('access-control-expose-headers')).toMatch(/location.*retry-after/i);
});

describe('an idempotency key', () => {
  const withKey = (key: string, body: object = {}, to = backend) =>
    post(body, { headers: { 'idempotency-key': key }, to });

  test('repeats the answer at any replica', async () => {
    const first = await withKey('again');
    const repeat = await withKey('again', {}, twin);
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(repeat.headers.get('idempotent-replayed')).toBe('true');
    expect(await repeat.json()).toEqual(await first.json());
  });

  test('is refused with another body', async () => {
    await withKey('mine', { code: 'a' });
    const answer = await withKey('mine', { code: 'b' });
    expect(await problemOf(answer)).toMatchObject({ status: 409, code: 'idempotency_key_reused' });
  });

  test('makes one submission of many at once, over replicas', async () => {
    for (let round = 0; round < 3; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, n) => withKey(`race-${round}`, {}, n % 2 === 0 ? backend : twin)),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(202));
      const ids = await Promise.all(
        answers.map(async (answer) => ((await answer.json()) as { submission_id: string }).submission_id),
      );
      expect(new Set(ids).size).toBe(1);
    }
  });

  test('does not remember what was refused', async () => {
    expect((await withKey('later', { code: '' })).status).toBe(422);
    expect((await withKey('later', { code: 'fine' })).status).toBe(202);
  });

  test('outlives the archiving of the assignment', async () => {
    const { assignment_id } = await createAssignment(backend);
    const first = await withKey('archived', { assignment_id });
    await backend.api.archiveAssignment({ params: { assignment_id } });
    const repeat = await withKey('archived', { assignment_id });
    expect([first.status, repeat.status]).toEqual([202, 202]);
  });

  test('must be printable', async () => {
    const answer = await withKey('two words');
    expect(await problemOf(answer)).toMatchObject({ status: 422, errors: [{ in: 'header' }] });
  });
});
