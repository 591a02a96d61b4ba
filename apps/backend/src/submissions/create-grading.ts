import { Assignments } from '../assignments/assignments.js';
import { Stats } from '../assignments/stats/stats.js';
import { type Base, leaveAfterMs } from '../base.js';
import { Budget } from '../budget/budget.js';
import { waitingLimits } from '../config.js';
import { Membership } from '../courses/membership.js';
import { Presence } from '../courses/presence.js';
import { Sight } from '../courses/sight.js';
import { DeadLetters } from '../dead-letters/dead-letters.js';
import { Erasure } from '../erasure/erasure.js';
import { GradeContents } from '../grades/contents.js';
import { Grades } from '../grades/grades.js';
import { QueueHold } from '../hold/queue-hold.js';
import { WhyWaiting } from '../hold/why-waiting.js';
import { Attempts } from '../internal/attempts.js';
import { RunnerCalls } from '../internal/runner-calls.js';
import { RateLimitCounter } from '../llm/rate-limit-counter.js';
import type { BackendMetrics } from '../metrics/metrics.js';
import { ImmediatePublisher } from '../outbox/immediate-publisher.js';
import { Usage } from '../operation/usage.js';
import { Publisher } from '../outbox/publisher.js';
import { QueuePlaces } from '../queue/place.js';
import { QueueProducer } from '../queue/producer.js';
import { ReceiptKeys } from '../receipts/keys.js';
import { Receipts } from '../receipts/receipts.js';
import { redisHints } from '../redis/hints.js';
import { RunnerRecords } from '../redis/records.js';
import { ResultInbox } from '../results/inbox.js';
import { ResultTokens } from '../results/token.js';
import { IdempotencyKeys } from './idempotency.js';
import { Intake } from './intake.js';
import { Lifetime } from './lifetime.js';
import { Regrading } from './regrading.js';
import { Submissions } from './submissions.js';
import { TransitionService } from './transition-service.js';
import { WaitingLimits } from './waiting-limits.js';

/** The way of a submission through the backend, from the POST to the grade. */
export type Grading = ReturnType<typeof createGrading>;

export function createGrading(base: Base, metrics: BackendMetrics) {
  const { config, stores, redis, log } = base;
  const { now } = base.database.clock;
  const out = createOutbox(base);
  const lifetime = new Lifetime(config, Math.random, now);
  const { llm, queueHold, budget } = createModelWatch(base);
  const usage = new Usage(stores.usage, now);
  const whyWaiting = new WhyWaiting(redis, queueHold, llm);
  const transitions = new TransitionService(stores.submissions, lifetime, [
    redisHints(redis, log),
    metrics.onTransition,
    llm.onTransition,
    queueHold.onTransition,
    budget.onTransition,
    usage.onTransition,
  ]);
  const assignments = new Assignments(stores.assignments, config.MAX_CODE_BYTES, now);
  const regrading = new Regrading(assignments, stores.submissions, transitions);
  const tokens = new ResultTokens(
    config.RESULT_TOKEN_SECRET,
    config.RESULT_TOKEN_SECRET_PREVIOUS,
    config.RESULT_TOKEN_TTL_MS,
    now,
  );
  const intake = new Intake({
    submissions: stores.submissions,
    assignments,
    users: base.users,
    lifetime,
    keys: new IdempotencyKeys(stores.keys),
    membership: new Membership(stores.enrolments),
    maxCodeBytes: config.MAX_CODE_BYTES,
    maxFilesBytes: config.MAX_FILES_BYTES,
    keptFiles: stores.keptFiles,
    waiting: new WaitingLimits(stores.submissions, waitingLimits(config)),
    onStored: out.enqueue,
  });
  const submissions = new Submissions(
    stores.submissions,
    regrading,
    transitions,
    new QueuePlaces(redis, config.QUEUE_SUBMISSIONS),
    whyWaiting,
    out.enqueue,
  );
  return {
    ...out,
    assignments,
    grades: createGrades(base),
    ...createReceipts(base),
    erasure: new Erasure({
      stores,
      transitions,
      now,
      retentionDays: config.SUBMISSION_RETENTION_DAYS,
    }),
    users: base.users,
    enrolments: stores.enrolments,
    sight: new Sight(stores),
    presence: new Presence(stores, now),
    intake,
    submissions,
    submissionCollection: stores.submissions,
    assignmentModel: stores.assignments,
    keptFiles: stores.keptFiles,
    transitions,
    regrading,
    tokens,
    llm,
    usage,
    whyWaiting,
    deadLetterModel: stores.deadLetters,
    inbox: new ResultInbox(stores.results, stores.submissions, transitions, now),
    deadLetters: new DeadLetters(stores.deadLetters, stores.submissions, transitions, regrading),
    attempts: new Attempts(stores.submissions, transitions, tokens, out.records, queueHold, budget, lifetime),
    runnerCalls: new RunnerCalls(stores.submissions, transitions),
    stats: new Stats(stores.stats, stores.submissions, assignments),
  };
}

/** What people do with grades. */
function createGrades({ stores, redis, log, database }: Base): Grades {
  return new Grades({
    ...stores,
    contents: new GradeContents(stores.results, stores.decisions),
    now: database.clock.now,
    listeners: [redisHints(redis, log)],
  });
}

/** What proves grades. */
function createReceipts({ stores, config, database }: Base) {
  const secret = config.RECEIPT_KEY_SECRET ?? config.RESULT_TOKEN_SECRET;
  const receiptKeys = new ReceiptKeys(stores.receiptKeys, secret);
  const { submissions, results } = stores;
  return {
    receiptKeys,
    receipts: new Receipts({ submissions, results, keys: receiptKeys, now: database.clock.now }),
  };
}

/** What brings stored submissions to the queue. */
function createOutbox({ config, stores, redis, log, lifecycle, database }: Base) {
  const queue = new QueueProducer(redis, config.QUEUE_SUBMISSIONS, log);
  lifecycle.onStop('queue', () => queue.close(), { leaveAfterMs });
  const records = new RunnerRecords(
    redis,
    config.RECORD_KEY_SECRET ?? config.RESULT_TOKEN_SECRET,
    config.RECORD_TTL_S,
    config.MAX_RECORD_BYTES,
  );
  const publisher = new Publisher(stores.submissions, records, queue, database.clock.now);
  const immediate = new ImmediatePublisher(publisher, log);
  lifecycle.onStop('outbox', () => immediate.drain(), { leaveAfterMs });
  return { queue, records, publisher, enqueue: immediate.add.bind(immediate) };
}

/** What holds submissions back because of the model: its rate limit, its refusals, its cost. */
function createModelWatch({ config, stores, redis, log, database }: Base) {
  return {
    llm: new RateLimitCounter(redis, log),
    queueHold: new QueueHold(redis, log),
    budget: new Budget(
      stores.spending,
      { perDay: config.MAX_TOKENS_PER_DAY, perAssignment: config.MAX_TOKENS_PER_ASSIGNMENT_PER_DAY },
      database.clock.now,
      log,
    ),
  };
}
