import { Membership } from '../courses/membership.js';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Failure, JobReport } from '@cloudemy/contracts';
import { startLocalMongo } from '@cloudemy/emulator-mongo';
import { objectId } from '@cloudemy/mongo';
import { ProblemError } from '@cloudemy/service';
import fc from 'fast-check';
import mongoose from 'mongoose';
import { Assignments } from '../assignments/assignments.js';
import { localAdmin } from '@cloudemy/auth';
import { DeadLetters } from '../dead-letters/dead-letters.js';
import { GradeContents } from '../grades/contents.js';
import { Grades } from '../grades/grades.js';
import { gradeOf } from '../grades/grade.js';
import { changesIn } from '../grades/history.js';
import { Attempts } from '../internal/attempts.js';
import { RunnerCalls } from '../internal/runner-calls.js';
import { ResultInbox } from '../results/inbox.js';
import { ResultTokens } from '../results/token.js';
import { createIndexes, openStores } from '../stores.js';
import { exampleAssignment, resultOf } from '../testing/grading.js';
import {
  expectFollows,
  expectGradeStands,
  expectResultsCounted,
  expectValid,
} from '../testing/invariants.js';
import { Users } from '../users/users.js';
import { sweepDeadlines } from './deadlines.js';
import { IdempotencyKeys } from './idempotency.js';
import { Intake } from './intake.js';
import { Lifetime } from './lifetime.js';
import type { StoredSubmission } from './model.js';
import { TransitionService } from './transition-service.js';
import { Regrading } from './regrading.js';
import { Submissions } from './submissions.js';

const maxAttempts = 2;
const lifetime = new Lifetime({
  QUEUED_DEADLINE_MS: 60_000,
  SCHEDULED_DEADLINE_MS: 60_000,
  RUNNING_DEADLINE_MS: 60_000,
  MAX_AUTOMATIC_ATTEMPTS: maxAttempts,
  RETRY_BACKOFF_MS: 1_000,
  RETRY_BACKOFF_MAX_MS: 2_000,
});

const connection = mongoose.createConnection();
const stores = openStores(connection);
const { submissions, results } = stores;
let mongo: Awaited<ReturnType<typeof startLocalMongo>>;
let assignmentId: string;
beforeAll(async () => {
  mongo = await startLocalMongo();
  await connection.openUri(mongo.uri, { dbName: 'interleavings' });
  await createIndexes(stores);
  assignmentId = (await assignments.create(localAdmin.userId, assignment)).assignment_id;
});
afterAll(async () => {
  await connection.close();
  await mongo.close();
});

const limits = { max_code_bytes: null };
const criteria = exampleAssignment.rubric.criteria.map((one) => ({ description: '', ...one }));
const schedule = { release_at: null, due_at: null, late_until: null, grades_visible: 'at_once' as const };
const assignment = { ...exampleAssignment, rubric: { criteria }, limits, course_id: null, ...schedule };
const assignments = new Assignments(stores.assignments);
const transitions = new TransitionService(submissions, lifetime, []);
const regrading = new Regrading(assignments, submissions, transitions);
const tokens = new ResultTokens('x'.repeat(32), undefined, 60_000);
const remember = (): void => {};
const free = { admit: () => Promise.resolve({ hold: null, probe: undefined }) };
const records = { keyOf: () => 'k'.repeat(43) };
const unlimited = { held: () => Promise.resolve(new Map()) };
const attempts = new Attempts(submissions, transitions, tokens, records, free, unlimited, lifetime);
const contents = new GradeContents(results, stores.decisions);
const { now } = lifetime;
const grades = new Grades({ ...stores, contents, now, listeners: [] });
const runner = new RunnerCalls(submissions, transitions);
const inbox = new ResultInbox(results, submissions, transitions);
const deadLetters = new DeadLetters(stores.deadLetters, submissions, transitions, regrading);
const nowhere = { find: () => Promise.resolve(null) };
const calm = { of: () => Promise.resolve(null) };
const people = new Submissions(submissions, regrading, transitions, nowhere, calm, remember);
const origin = { requestId: 'r', traceparent: null };
const intake = new Intake({
  submissions,
  assignments,
  users: new Users(stores.users),
  keys: new IdempotencyKeys(stores.keys),
  membership: new Membership(stores.enrolments),
  waiting: { admit: (_actor, _assignment, work) => work() },
  lifetime,
  maxCodeBytes: 1_000,
  maxFilesBytes: 1_000,
  keptFiles: stores.keptFiles,
  onStored: remember,
});

/** Something that happens about an attempt; `attempt` can be over, or not exist yet. */
interface Event {
  what: keyof typeof events;
  /** Added to the current attempt. */
  offset: number;
  retryable: boolean;
}
type Doing = (id: string, attempt: number, event: Event) => Promise<unknown>;

const failure = ({ retryable }: Event): Failure => ({ code: 'node_lost', message: 'Gone.', retryable });
const report = (item: JobReport): Promise<unknown> => attempts.report([item]);
const deliver = (submissionId: string, attempt: number, body: unknown): Promise<unknown> =>
  inbox.deliver(
    { submissionId, attempt },
    Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  );

const events = {
  claim: (submission_id, attempt) => attempts.claim([{ submission_id, attempt }]),
  running: (submission_id, attempt) => report({ kind: 'running', submission_id, attempt }),
  waiting: (submission_id, attempt) =>
    report({ kind: 'waiting', submission_id, attempt, code: 'unschedulable', message: 'No room.' }),
  failed: (submission_id, attempt, event) =>
    report({ kind: 'failed', submission_id, attempt, failure: failure(event) }),
  started: (submissionId, attempt) => runner.started({ submissionId, attempt }),
  grade: (id, attempt) => deliver(id, attempt, resultOf(attempt)),
  failedResult: (id, attempt, event) => deliver(id, attempt, { status: 'failed', failure: failure(event) }),
  malformed: (id, attempt) => deliver(id, attempt, '{"score"'),
  outOfRange: (id, attempt) => deliver(id, attempt, { score: 11 }),
  cancel: (id) => people.cancel(localAdmin, id, 'any', { knows: () => true, sees: () => true }),
  regrade: (id) => people.regrade(localAdmin, id, origin),
  restore: (id, attempt) => grades.restore(localAdmin, id, { attempt, reason: 'The better one.' }),
  undo: (id) => grades.undo(localAdmin, id, { reason: 'A mistake.' }),
  decide: (id) =>
    grades.decide(id, { actor: localAdmin, reason: 'Read it.' }, (current) => ({
      score: 5,
      max_score: 10,
      fail_tags: [],
      feedback: null,
      criteria: [],
      attempt: current.attempt,
      assignment_version: current.assignment.version,
    })),
  expire: async (id) => {
    const late = { deadline_at: { $exists: true } };
    await submissions.updateOne({ _id: objectId(id), ...late }, { $set: { deadline_at: new Date(0) } });
    await sweepDeadlines(submissions, transitions, new Date());
  },
  deadLetter: (submission_id, attempt) =>
    deadLetters.report(
      { cause: 'damaged', queue_job: 'x', payload: submission_id, reason: 'x', submission_id, attempt },
      'scheduler',
    ),
  sweep: () => inbox.sweep(-1),
} satisfies Record<string, Doing>;

const names = Object.keys(events).filter((name): name is keyof typeof events => Object.hasOwn(events, name));
const event = fc.record({
  what: fc.constantFrom(...names),
  offset: fc.oneof({ arbitrary: fc.constant(0), weight: 5 }, fc.constantFrom(-1, 1)),
  retryable: fc.boolean(),
});
/** Events of one step happen at the same time. */
const life = fc.array(fc.array(event, { minLength: 1, maxLength: 3 }), { maxLength: 12 });

/** One thing after the other: between them these lives come through every state, whatever chance adds. */
const straight = (...steps: Event['what'][]): Event[][] =>
  steps.map((what) => [{ what, offset: 0, retryable: false }]);
const straightLives = [
  straight('claim', 'started', 'grade', 'regrade'),
  straight('claim', 'running', 'failed'),
  straight('cancel'),
  straight(
    'claim',
    'grade',
    'regrade',
    'restore',
    'undo',
    'claim',
    'grade',
    'undo',
    'decide',
    'undo',
    'undo',
  ),
  straight('decide', 'claim', 'failed', 'undo', 'regrade', 'claim', 'grade', 'undo'),
];

const read = async (id: string): Promise<StoredSubmission> => {
  const found = await submissions.findOne({ _id: objectId(id) });
  if (found === null) throw new Error('the submission is lost');
  return found;
};

async function happen(id: string, one: Event): Promise<void> {
  const attempt = (await read(id)).attempt + one.offset;
  if (attempt < 1) return;
  const doing: Doing = events[one.what];
  try {
    await doing(id, attempt, one);
  } catch (error) {
    // A refusal is an answer; anything else is a fault.
    if (!(error instanceof ProblemError)) throw error;
  }
}

/** Whatever came into force after another grade is taken back by one call, with all that the former said. */
async function expectUndone(id: string): Promise<void> {
  const now = await read(id);
  const before = changesIn(now.history).at(-2);
  if (before === undefined) return;
  await grades.undo(localAdmin, id, { reason: 'To see that it can be.' });
  const { score, attempt, decision_id } = before;
  const undone = gradeOf(await read(id));
  expect(undone).toMatchObject({ score, attempt, decision_id, source: 'undone' });
  await grades.undo(localAdmin, id, { reason: 'And back.' });
  const { score: was, criteria, feedback } = gradeOf(now) ?? {};
  expect(gradeOf(await read(id))).toMatchObject({ score: was, criteria, feedback });
}

test('whatever happens in whatever order, and at the same time, breaks no promise', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(life, async (steps) => {
      const body = { assignment_id: assignmentId, code: 'return a + b' };
      const { submission } = await intake.submit(localAdmin, body, origin);
      const id = String(submission._id);
      let before = await read(id);
      for (const step of steps) {
        await Promise.all(step.map((one) => happen(id, one)));
        const after = await read(id);
        expectValid(after, maxAttempts);
        expectFollows(before, after);
        expectGradeStands(before, after);
        before = after;
        seen.add(after.status);
      }
      await inbox.sweep(-1);
      const inboxed = await results.find({ submission_id: before._id }).toArray();
      expectResultsCounted(await read(id), inboxed);
      await expectUndone(id);
    }),
    { numRuns: 100, examples: straightLives.map((steps) => [steps]) },
  );
  // The lives led everywhere, or they would prove little.
  expect([...seen].toSorted()).toEqual(['cancelled', 'failed', 'graded', 'queued', 'running', 'scheduled']);
}, 120_000);
