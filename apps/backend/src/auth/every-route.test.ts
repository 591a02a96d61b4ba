import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AccessClaims } from '@cloudemy/auth';
import { createTestIssuer } from '@cloudemy/auth/testing';
import { type AccessRule, type Role, type RouteSpec, backendAccess, backendApi } from '@cloudemy/contracts';
import { decodeJwt } from 'jose';
import { type Replica, type TestStores, serviceAuth, startStores } from '../testing/harness.js';
import { type Person, adminEmail, bearer, join, jwtEnv, signIn, stolenKeys } from '../testing/people.js';

/** Objects by the parameter of a path that names them. */
type Objects = Record<string, string>;

interface World {
  people: Record<Role, Person>;
  /** What each reaches by the narrowest right of theirs. */
  own: Record<Role, Objects>;
  /** What belongs to strangers. */
  others: Objects;
}

/** Of the services, while theirs is being rotated. */
const previousToken = 'the token before this one';

let stores: TestStores;
let backend: Replica;
let world: World;
let forged: Record<string, string>;

beforeAll(async () => {
  stores = await startStores();
  backend = await stores.start({ ...jwtEnv, INTERNAL_SERVICE_TOKEN_PREVIOUS: previousToken });
  world = await populate();
  forged = await forgeries(world.people.admin);
});
afterAll(() => stores.close());

const ruleOf = (operation: keyof typeof backendApi): AccessRule => backendAccess[operation];
const routes = (Object.keys(backendApi) as (keyof typeof backendApi)[]).map((operation) => ({
  operation,
  route: backendApi[operation] as RouteSpec,
  rule: ruleOf(operation),
}));
const userRoutes = routes.flatMap(({ operation, route, rule }) =>
  rule.who === 'users' ? [{ operation, route, rule }] : [],
);
const roles: Role[] = ['student', 'instructor', 'runner-operator', 'admin'];

describe('routes for users', () => {
  test.each(userRoutes)('$operation lets nobody in without good credentials', async ({ route }) => {
    const without = await call(route, world.others, {});
    expect([without.status, without.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="cloudemy"',
    ]);
    for (const [what, token] of Object.entries(forged)) {
      const { status } = await call(route, world.others, { authorization: `Bearer ${token}` });
      expect([what, status]).toEqual([what, 401]);
    }
  });

  test.each(userRoutes)(
    '$operation answers each role as the table says',
    async ({ operation, route, rule }) => {
      for (const role of roles) {
        const scopes = rule.may[role];
        const as = bearer(world.people[role]);
        const far = await call(route, world.others, as);
        const near = await call(route, world.own[role], as);
        if (scopes === undefined) {
          expect([role, far.status, near.status]).toEqual([role, 403, 403]);
          continue;
        }
        const hidden = route.path.includes('{') && !scopes.includes('any');
        if (hidden) expect([role, far.status]).toEqual([role, 404]);
        else expect([401, 403, 404]).not.toContain(far.status);
        expect([role, admitted(near.status)]).toEqual([role, true]);
        if (operation === 'endSessions') await comeBack(role);
        // They took themselves out of it.
        if (operation === 'removeCoursePerson') await teachAgain(role);
        expect(far.status).toBeLessThan(500);
        expect(near.status).toBeLessThan(500);
      }
    },
  );
});

test.each(routes.filter(({ rule }) => rule.who === 'service'))(
  '$operation lets the services in and no user',
  async ({ route }) => {
    for (const headers of [{}, bearer(world.people.admin), { authorization: 'Bearer guess' }]) {
      expect((await call(route, world.others, headers)).status).toBe(401);
    }
    for (const headers of [serviceAuth, { authorization: `Bearer ${previousToken}` }]) {
      expect((await call(route, world.others, headers)).status).not.toBe(401);
    }
  },
);

test.each(routes.filter(({ rule }) => rule.who === 'result-token'))(
  '$operation lets the runner in and neither users nor services',
  async ({ route }) => {
    for (const headers of [{}, bearer(world.people.admin), serviceAuth]) {
      expect((await call(route, world.others, headers)).status).toBe(401);
    }
  },
);

test.each(routes.filter(({ rule }) => rule.who === 'anyone'))(
  '$operation asks nobody who they are',
  async ({ route }) => {
    expect([200, 422]).toContain((await call(route, {}, {})).status);
    expect([200, 422]).toContain((await call(route, {}, { authorization: 'Bearer nonsense' })).status);
  },
);

test('lists hold what is within reach and nothing else', async () => {
  const seen = async (who: Person) => {
    const { items } = await backend.api.listSubmissions({}, { headers: bearer(who) });
    return items.map(({ submission_id: id }) => id).toSorted();
  };
  const { people, own, others } = world;
  const id = (objects: Objects) => objects['submission_id'] ?? '';
  expect(await seen(people.student)).toEqual([id(own.student)]);
  expect(await seen(people.instructor)).toEqual([id(own.instructor)]);
  expect(await seen(people.admin)).toHaveLength(3);
  const asked = { query: { user_id: people.student.userId } };
  const { items } = await backend.api.listSubmissions(asked, { headers: bearer(people.instructor) });
  expect(items).toEqual([]);
  const regrades = await backend.api.listRegrades({}, { headers: bearer(people.instructor) });
  expect(regrades.items.map(({ assignment_id: of }) => of)).not.toContain(others['assignment_id']);
});

test('who is no teacher of an assignment submits to it for nobody else', async () => {
  const { people, own, others } = world;
  const submit = (who: Person, assignment: string | undefined) =>
    backend.fetch('/submissions', {
      method: 'POST',
      headers: { ...bearer(who), 'content-type': 'application/json' },
      body: JSON.stringify({ assignment_id: assignment, code: 'x', user_id: people.admin.userId }),
    });
  expect((await submit(people.student, others['assignment_id'])).status).toBe(403);
  expect((await submit(people.instructor, others['assignment_id'])).status).toBe(403);
  // The assignments may be archived by now: what counts is who gets that far.
  expect(admitted((await submit(people.instructor, own.instructor['assignment_id'])).status)).toBe(true);
  expect(admitted((await submit(people.admin, others['assignment_id'])).status)).toBe(true);
});

test('strangers in a course are found by its teacher only', async () => {
  const { people } = world;
  const read = (who: Person, userId: string) =>
    backend.fetch(`/users/${userId}`, { headers: bearer(who) }).then(({ status }) => status);
  expect(await read(people.instructor, people.student.userId)).toBe(404);
  const { submission_id: submission = '' } = world.own.instructor;
  const { user_id: submitter } = await backend.api.getSubmission(
    { params: { submission_id: submission } },
    { headers: bearer(people.instructor) },
  );
  expect(await read(people.instructor, submitter)).toBe(200);
  expect(await read(people.student, submitter)).toBe(404);
});

const admitted = (status: number): boolean => ![401, 403, 404].includes(status);

/** Calls a route with what is needed to get past its guard, and no more: an empty body is turned down behind it. */
async function call(route: RouteSpec, objects: Objects, headers: Record<string, string>) {
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => objects[name] ?? 'f'.repeat(24));
  const gone = new AbortController();
  const answer = await backend.fetch(path, {
    method: route.method.toUpperCase(),
    headers: { ...headers, ...(route.body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(route.body === undefined ? {} : { body: '{}' }),
    signal: gone.signal,
  });
  // Streams would go on.
  gone.abort();
  return answer;
}

/** Two courses: one taught by the instructor, one by a stranger; a submission of the student is in the latter. */
async function populate(): Promise<World> {
  const { api } = backend;
  const admin = await signIn(backend, adminEmail);
  const [student, instructor, operator, stranger, teacher] = [
    await join(backend, admin, ['student'], 'student'),
    await join(backend, admin, ['instructor'], 'instructor'),
    await join(backend, admin, ['runner-operator'], 'operator'),
    await join(backend, admin, ['student'], 'stranger'),
    await join(backend, admin, ['instructor'], 'teacher'),
  ];
  const rubric = { criteria: [{ criterion_id: 'works', title: 'It works', points: 1 }] };
  const body = { title: 'T', description: 'D', language: 'python' as const, rubric };
  const course = async (who: Person) =>
    (await api.createAssignment({ body }, { headers: bearer(who) })).assignment_id;
  const submit = async (who: Person, assignment: string) =>
    (await api.createSubmission({ body: { assignment_id: assignment, code: 'x' } }, { headers: bearer(who) }))
      .submission_id;
  const regrade = async (assignment: string) =>
    (await api.regradeAssignment({ params: { assignment_id: assignment } }, { headers: bearer(admin) }))
      .regrade_id;
  const [taught, foreign] = [await course(instructor), await course(teacher)];
  const strangers = await submit(stranger, foreign);
  const others = {
    course_id: await taughtBy(teacher, teacher),
    assignment_id: foreign,
    submission_id: strangers,
    comment_id: await commentOn(strangers, teacher),
    regrade_id: await regrade(foreign),
    user_id: teacher.userId,
    api_key_id: await keyOf(teacher),
    dead_letter_id: await letterAbout(strangers),
    ...(await webhookOf(teacher)),
  };
  const ownOf = async (who: Person, objects: Objects) => ({
    ...others,
    ...objects,
    user_id: who.userId,
    api_key_id: await keyOf(who),
    course_id: await taughtBy(who, instructor),
    // An operator of benchmarks has theirs at the deployer.
    ...(who === operator ? {} : await webhookOf(who)),
  });
  const inTaught = await submit(stranger, taught);
  // Somebody who is a student elsewhere teaches a course.
  const course_id = await taughtBy(student, teacher);
  const lead = await api.createAssignment({ body: { ...body, course_id } }, { headers: bearer(teacher) });
  const students = await submit(student, lead.assignment_id);
  return {
    people: { student, instructor, 'runner-operator': operator, admin },
    others,
    own: {
      student: await ownOf(student, {
        assignment_id: lead.assignment_id,
        regrade_id: await regrade(lead.assignment_id),
        submission_id: students,
        comment_id: await commentOn(students, teacher),
      }),
      instructor: await ownOf(instructor, {
        assignment_id: taught,
        submission_id: inTaught,
        comment_id: await commentOn(inTaught, instructor),
        regrade_id: await regrade(taught),
      }),
      'runner-operator': await ownOf(operator, {}),
      admin: await ownOf(admin, {}),
    },
  };
}

/** Signs somebody in again, and makes the keys again that ended with the sessions. */
async function comeBack(role: Role): Promise<void> {
  const person = await signIn(backend, world.people[role].email);
  world.people[role] = person;
  world.own[role]['api_key_id'] = await keyOf(person);
  world.others['api_key_id'] = await keyOf(await signIn(backend, 'teacher@example.com'));
}

/** A course that somebody teaches, whatever they are elsewhere, beside a colleague. */
async function taughtBy(who: Person, colleague: Person): Promise<string> {
  const as = { headers: bearer(await signIn(backend, adminEmail)) };
  const { course_id } = await backend.api.createCourse({ body: { title: 'C' } }, as);
  for (const { email } of [who, colleague]) {
    await backend.api.addCoursePerson({ params: { course_id }, body: { email, role: 'instructor' } }, as);
  }
  return course_id;
}

async function teachAgain(role: Role): Promise<void> {
  const { people, own } = world;
  own[role]['course_id'] = await taughtBy(people[role], people.instructor);
}

const keyOf = async (who: Person): Promise<string> =>
  (
    await backend.api.createApiKey(
      { body: { name: 'k', scopes: ['grading:read'] } },
      { headers: bearer(who) },
    )
  ).api_key_id;

async function commentOn(submissionId: string, who: Person): Promise<string> {
  const body = { file: 'main.py', start_line: 1, end_line: 1, text: 'Look.' };
  const params = { submission_id: submissionId };
  return (await backend.api.createComment({ params, body }, { headers: bearer(who) })).comment_id;
}

/** A message that could not be worked on. */
async function letterAbout(submission_id: string): Promise<string> {
  const body = { queue_job: 'j', payload: '{', reason: 'is no JSON', submission_id, attempt: null };
  return (await backend.api.reportDeadLetter({ body }, { headers: serviceAuth })).dead_letter_id;
}

/** A webhook that delivers nowhere, with a message. */
async function webhookOf(who: Person): Promise<Objects> {
  const as = { headers: bearer(who) };
  const body = { url: 'https://hooks.invalid/', events: ['submission.graded' as const] };
  const { webhook_id } = await backend.api.createWebhook({ body }, as);
  const { delivery_id } = await backend.api.testWebhook({ params: { webhook_id } }, as);
  return { webhook_id, delivery_id };
}

/** Tokens for an administrator that must not be taken. */
async function forgeries({ userId, token }: Person): Promise<Record<string, string>> {
  const foreign = await createTestIssuer({ iss: 'cloudemy', aud: 'cloudemy' });
  const stolen = await stolenKeys(stores.mongoUri);
  const { keys } = await backend.api.getJwks({});
  const { sid } = AccessClaims.parse(decodeJwt(token));
  const who = { userId, roles: ['admin' as const], ...(sid === undefined ? {} : { sessionId: sid }) };
  const tokens = {
    ...(await foreign.forged({ sub: userId, roles: ['admin'] })),
    'signed by us, expired': await stolen.sign(who, { ttlSeconds: -60 }),
    'signed by us, for another audience': await stolen.sign(who, { audience: 'another' }),
    'signed by us, as another issuer': await stolen.sign(who, { issuer: 'another' }),
    'HS256 with our public key': await foreign.confused({ sub: userId, roles: ['admin'] }, keys[0]),
  };
  const good = await stolen.sign(who, {});
  expect((await backend.fetch('/users', { headers: { authorization: `Bearer ${good}` } })).status).toBe(200);
  await stolen.close();
  return tokens;
}
