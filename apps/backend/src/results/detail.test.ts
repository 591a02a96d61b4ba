import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { claim, deliver, exampleAssignment, exampleFailure } from '../testing/grading.js';
import { type Replica, type TestStores, startStores } from '../testing/harness.js';
import { adminEmail, bearer, join, jwtEnv, signIn } from '../testing/people.js';

let stores: TestStores;
let backend: Replica;
beforeAll(async () => {
  stores = await startStores();
  backend = await stores.start(jwtEnv);
});
afterAll(() => stores.close());

test('what the endpoint of the model said is told to instructors, and nowhere to students', async () => {
  const admin = await signIn(backend, adminEmail);
  const instructor = await join(backend, admin, ['instructor'], 'instructor');
  const student = await join(backend, admin, ['student'], 'student');
  const { api } = backend;
  const { assignment_id } = await api.createAssignment(
    { body: exampleAssignment },
    { headers: bearer(instructor) },
  );
  const submission = await api.createSubmission(
    { body: { assignment_id, code: 'x' } },
    { headers: bearer(student) },
  );
  const { submission_id } = submission;
  const detail = 'model.example.test: the endpoint answered 401';
  const token = await claim(backend, submission);
  await deliver(backend, submission_id, token, { status: 'failed', failure: { ...exampleFailure, detail } });

  const seenBy = async (who: typeof student) => {
    const as = bearer(who);
    const one = await api.getSubmission({ params: { submission_id } }, { headers: as });
    const listed = await api.listSubmissions({ query: {} }, { headers: as });
    const stream = await backend.fetch(`/submissions/${submission_id}/events`, { headers: as });
    return { one, elsewhere: JSON.stringify(listed) + (await stream.text()) };
  };
  for (const who of [instructor, admin]) {
    const { one } = await seenBy(who);
    expect(one.failure).toMatchObject({ code: exampleFailure.code, detail });
    expect(one.attempts[0]?.failure).toMatchObject({ detail });
  }
  const { one, elsewhere } = await seenBy(student);
  expect(one.failure).toEqual(exampleFailure);
  expect(JSON.stringify(one) + elsewhere).not.toContain('model.example.test');
});
