import { until } from '@cloudemy/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { AuditRecord } from '@cloudemy/contracts';
import { type Replica, type TestStores, serviceAuth, startStores } from '../testing/harness.js';
import { type Person, adminEmail, bearer, join, jwtEnv, password, signIn } from '../testing/people.js';

let stores: TestStores;
let backend: Replica;
let admin: Person;
let student: Person;
let teacher: Person;
let assignmentId: string;
let submissionId: string;
/** The last record before the act of a test. */
let before: string | undefined;

beforeAll(async () => {
  stores = await startStores();
  backend = await stores.start({
    ...jwtEnv,
    REFRESH_GRACE_S: '0',
    SELF_REGISTRATION: 'true',
    TRUST_PROXY: '0',
  });
  admin = await signIn(backend, adminEmail);
  student = await join(backend, admin, ['student'], 'student');
  teacher = await join(backend, admin, ['instructor'], 'teacher');
  const rubric = { criteria: [{ criterion_id: 'works', title: 'It works', points: 1 }] };
  const body = { title: 'T', description: 'D', language: 'python' as const, rubric };
  assignmentId = (await backend.api.createAssignment({ body }, { headers: bearer(teacher) })).assignment_id;
  submissionId = (
    await backend.api.createSubmission(
      { body: { assignment_id: assignmentId, code: 'x' } },
      { headers: bearer(student) },
    )
  ).submission_id;
});
afterAll(() => stores.close());

const records = async (query = ''): Promise<AuditRecord[]> => {
  const { items } = await backend.api.listAudit({ query: { limit: '200' } }, { headers: bearer(admin) });
  return query === '' ? items : items.filter(({ event }) => event === query);
};

/** Waits until what came before is written: the latest sign-in of the set-up. */
beforeEach(async () => {
  const marker = await post('/auth/login', { email: adminEmail, password });
  const request = marker.headers.get('x-request-id');
  await until(async () => (await records()).some(({ request_id }) => request_id === request));
  before = (await records())[0]?.audit_id;
});

const since = async (): Promise<AuditRecord[]> => {
  const all = await records();
  return all.slice(
    0,
    all.findIndex(({ audit_id }) => audit_id === before),
  );
};

const send = (method: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
  backend.fetch(path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  send('POST', path, body, headers);

type Act = () => Promise<Response>;
const patchUser =
  (changes: unknown, as: () => Person = () => admin): Act =>
  () =>
    send('PATCH', `/users/${student.userId}`, changes, bearer(as()));

const acts: [string, Act, number, Partial<AuditRecord> | (() => Partial<AuditRecord>)][] = [
  [
    'a sign-in',
    () => post('/auth/login', { email: student.email, password }),
    200,
    () => ({ event: 'login', outcome: 'succeeded', user_id: student.userId }),
  ],
  [
    'a sign-in with a wrong password',
    () => post('/auth/login', { email: student.email, password: 'not the password' }),
    401,
    () => ({ event: 'login', outcome: 'refused', user_id: null, object_id: student.userId }),
  ],
  [
    'a sign-in to an account that does not exist',
    () => post('/auth/login', { email: 'my.password@example.com', password }),
    401,
    { event: 'login', outcome: 'refused', object_id: null, reason: 'unauthenticated' },
  ],
  [
    'an invented API key',
    () => post('/auth/token', { api_key: `cloudemy_${'0'.repeat(24)}_${'x'.repeat(43)}` }),
    401,
    { event: 'exchangeApiKey', outcome: 'refused' },
  ],
  [
    'an account made for oneself',
    () => post('/auth/register', { email: 'new@example.com', display_name: 'N', password }),
    201,
    { event: 'register', outcome: 'succeeded' },
  ],
  [
    'an account made for somebody',
    () => post('/users', { email: 'made@example.com', display_name: 'M' }, bearer(admin)),
    201,
    () => ({ event: 'createUser', user_id: admin.userId, object_kind: 'user', detail: 'student' }),
  ],
  [
    'a change of roles',
    patchUser({ roles: ['student', 'instructor'] }),
    200,
    () => ({ event: 'updateUser', object_id: student.userId, detail: 'student to student, instructor' }),
  ],
  [
    'a change of roles that is refused',
    patchUser({ roles: ['admin'] }, () => teacher),
    403,
    () => ({
      event: 'updateUser',
      outcome: 'refused',
      user_id: teacher.userId,
      object_id: student.userId,
      reason: 'forbidden',
    }),
  ],
  [
    "a look at somebody else's account",
    () => send('GET', `/users/${admin.userId}`, undefined, bearer(teacher)),
    404,
    () => ({ event: 'getUser', outcome: 'refused', object_id: admin.userId, reason: 'not_found' }),
  ],
  [
    'a reset of a password',
    () => post(`/users/${student.userId}/invitation`, undefined, bearer(admin)),
    201,
    () => ({ event: 'inviteUser', outcome: 'succeeded', object_id: student.userId }),
  ],
  [
    'an invitation that was used up',
    () => post('/auth/invitation', { invitation: 'x'.repeat(43), password }),
    401,
    { event: 'acceptInvitation', outcome: 'refused' },
  ],
  [
    'a password change with a wrong password',
    () =>
      post(
        '/auth/password',
        { current_password: 'not the password', new_password: 'another of the tests' },
        bearer(teacher),
      ),
    401,
    () => ({ event: 'changePassword', outcome: 'refused', user_id: teacher.userId }),
  ],
  [
    'an API key',
    () => post('/api-keys', { name: 'k', scopes: ['grading:read'] }, bearer(teacher)),
    201,
    { event: 'createApiKey', object_kind: 'api_key', detail: 'grading:read' },
  ],
  [
    'a submission for somebody else',
    () =>
      post(
        '/submissions',
        { assignment_id: assignmentId, code: 'planted', user_id: student.userId },
        bearer(teacher),
      ),
    202,
    () => ({
      event: 'createSubmission',
      object_kind: 'submission',
      detail: `for user ${student.userId} to assignment ${assignmentId}`,
    }),
  ],
  [
    'a submission for a stranger',
    () =>
      post(
        '/submissions',
        { assignment_id: assignmentId, code: 'planted', user_id: admin.userId },
        bearer(teacher),
      ),
    422,
    { event: 'createSubmission', outcome: 'refused', reason: 'invalid_request' },
  ],
  [
    'a change of an assignment',
    () => send('PATCH', `/assignments/${assignmentId}`, { title: 'U' }, bearer(teacher)),
    200,
    () => ({ event: 'updateAssignment', outcome: 'succeeded', object_id: assignmentId }),
  ],
  [
    'a cancelled attempt',
    () => post(`/submissions/${submissionId}/cancel`, undefined, bearer(teacher)),
    200,
    () => ({ event: 'cancelSubmission', object_id: submissionId, user_id: teacher.userId }),
  ],
  [
    'a regrade',
    () => post(`/submissions/${submissionId}/regrade`, undefined, bearer(teacher)),
    202,
    () => ({ event: 'regradeSubmission', object_id: submissionId, outcome: 'succeeded' }),
  ],
  [
    'a bulk regrade',
    () => post(`/assignments/${assignmentId}/regrade`, {}, bearer(teacher)),
    202,
    { event: 'regradeAssignment', outcome: 'succeeded' },
  ],
  [
    'a dead letter that is not there, asked for by a service',
    () => post(`/internal/dead-letters/${'0'.repeat(24)}/replay`, undefined, serviceAuth),
    404,
    { event: 'replayDeadLetter', outcome: 'failed', user_id: null },
  ],
  [
    'an archived assignment',
    () => post(`/assignments/${assignmentId}/archive`, undefined, bearer(teacher)),
    200,
    () => ({ event: 'archiveAssignment', object_id: assignmentId }),
  ],
  [
    'sessions ended',
    () => send('DELETE', `/users/${student.userId}/sessions`, undefined, bearer(admin)),
    204,
    () => ({ event: 'endSessions', object_id: student.userId, user_id: admin.userId }),
  ],
  [
    'a disabled account',
    patchUser({ disabled: true }),
    200,
    () => ({ event: 'updateUser', object_id: student.userId, detail: 'disabled' }),
  ],
];

test.each(acts)('%s leaves exactly one record', async (_, act, status, expected) => {
  const answer = await act();
  expect(answer.status).toBe(status);
  await until(async () => (await since()).some(({ outcome }) => outcome !== 'begun'));
  const left = await since();
  const record = typeof expected === 'function' ? expected() : expected;
  expect(left).toEqual([
    expect.objectContaining({
      request_id: answer.headers.get('x-request-id'),
      address: expect.any(String),
      ...record,
    }),
  ]);
  expect(JSON.stringify(left)).not.toMatch(/password of|not the password|planted|cloudemy_0|my\.password/);
});

test('a refresh token that was used twice is on record', async () => {
  const { refresh_token } = await backend.api.login({ body: { email: teacher.email, password } });
  await backend.api.refresh({ body: { refresh_token } });
  expect((await post('/auth/refresh', { refresh_token })).status).toBe(401);
  await until(async () => (await since()).some(({ event }) => event === 'refresh'));
  const [reuse] = (await since()).filter(({ event }) => event === 'refresh');
  expect(reuse).toMatchObject({ outcome: 'refused', object_id: teacher.userId });
});

test('a service is believed which client it calls for, and nobody else is', async () => {
  const client = '198.51.100.7';
  const wrong = { email: student.email, password: 'not the password' };
  const addressOf = async (headers: Record<string, string>) => {
    const answer = await post('/auth/login', wrong, { ...headers, 'x-forwarded-for': `10.0.0.1, ${client}` });
    const request = answer.headers.get('x-request-id');
    const found = async () => (await since()).find(({ request_id }) => request_id === request)?.address;
    await until(async () => (await found()) !== undefined);
    return found();
  };
  expect(await addressOf(serviceAuth)).toBe(client);
  expect(await addressOf({})).toMatch(/127\.0\.0\.1$/);
  expect(await addressOf({ authorization: 'Bearer not the token of the services' })).toMatch(/127\.0\.0\.1$/);
});

test('what one does with what is theirs is not on record, nor what is read', async () => {
  await backend.api.listAssignments({}, { headers: bearer(teacher) });
  await post('/auth/password', {}, bearer(teacher));
  expect(await since()).toEqual([]);
});

test('administrators narrow the list and page through it; nobody else reads it', async () => {
  const as = { headers: bearer(admin) };
  const query = { outcome: 'refused' as const, user_id: teacher.userId, limit: '1' };
  const first = await backend.api.listAudit({ query }, as);
  const cursor = first.next_cursor ?? '';
  const second = await backend.api.listAudit({ query: { ...query, cursor } }, as);
  expect([first.items, second.items].flat()).toEqual([
    expect.objectContaining({ outcome: 'refused', user_id: teacher.userId }),
    expect.objectContaining({ outcome: 'refused', user_id: teacher.userId }),
  ]);
  expect(first.items[0]?.audit_id).not.toBe(second.items[0]?.audit_id);
  const of = { object_kind: 'submission', object_id: submissionId };
  expect((await backend.api.listAudit({ query: of }, as)).items.map(({ event }) => event)).toEqual([
    'regradeSubmission',
    'cancelSubmission',
  ]);
  expect((await backend.api.listAudit({ query: { until: '2020-01-01T00:00:00Z' } }, as)).items).toEqual([]);
  expect((await send('GET', '/audit', undefined, bearer(teacher))).status).toBe(403);
});
