import {
  type AttemptRef,
  type DeadLetterReport,
  type JobReport,
  type QueueHold,
  type SubmissionStatus,
  internalApi,
  isFinal,
} from '@cloudemy/contracts';
import {
  type Guard,
  type Handlers,
  Health,
  Metrics,
  ProblemError,
  createHttpApp,
  createLogger,
  routeBody,
  listen,
  serveApi,
} from '@cloudemy/service';
import { newId } from './fixtures.js';

export const serviceToken = 'the-token-of-the-test';

export interface Stored {
  attempt: number;
  status: SubmissionStatus;
}

const requireToken: Guard = (route) => [
  (req, _res, next) => {
    if (route.auth !== 'service' || req.get('authorization') === `Bearer ${serviceToken}`) next();
    else throw new ProblemError('unauthenticated', { detail: 'Not our token.' });
  },
];

/** The internal API over real HTTP, with submissions in memory instead of MongoDB. */
export class FakeBackend {
  readonly submissions = new Map<string, Stored>();
  /** Every report that was applied, in order. */
  readonly reports: JobReport[] = [];
  /** Every dead letter handed over. */
  readonly deadLetters: DeadLetterReport[] = [];
  /** What claims are answered about the model. */
  rateLimited = 0;
  /** Why claims are not let through, but for so many as `probes` says. */
  hold: QueueHold | null = null;
  probes = 0;
  /** Claim calls and how many claims each carried. */
  readonly claimSizes: number[] = [];

  readonly url: string;
  readonly close: () => Promise<void>;

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url;
    this.close = close;
  }

  static async start(): Promise<FakeBackend> {
    const started: { backend?: FakeBackend } = {};
    const backend = (): FakeBackend => {
      if (started.backend === undefined) throw new Error('not started');
      return started.backend;
    };
    const app = createHttpApp({
      api: internalApi,
      info: { title: 'fake backend', version: '0', description: 'of the tests' },
      log: createLogger('fake-backend', 'silent'),
      health: new Health(),
      metrics: new Metrics('fake-backend'),
      origins: { allowedOrigins: [] },
      routes: [serveApi(internalApi, handlers(backend), requireToken, (route) => routeBody(route))],
    });
    const server = await listen(app, '127.0.0.1', 0);
    started.backend = new FakeBackend(`http://127.0.0.1:${server.port}/internal`, () => server.close(0));
    return started.backend;
  }

  /** The failures reported of a submission. */
  failuresOf(submissionId: string): { code: string; message: string }[] {
    return this.reports.flatMap((report) =>
      report.kind === 'failed' && report.submission_id === submissionId ? [report.failure] : [],
    );
  }

  /** The stored submission if this attempt is its current one and may still change. */
  lookUp({ submission_id, attempt }: AttemptRef): Stored | 'unknown' | 'stale' | 'final' {
    const stored = this.submissions.get(submission_id);
    if (stored === undefined) return 'unknown';
    if (stored.attempt !== attempt) return 'stale';
    return isFinal(stored.status) ? 'final' : stored;
  }

  apply(report: JobReport): 'applied' | 'unchanged' | 'unknown' | 'stale' | 'final' {
    const stored = this.lookUp(report);
    if (typeof stored === 'string') return stored;
    const status = report.kind === 'waiting' ? stored.status : report.kind;
    if (report.kind === 'running' && stored.status === 'running') return 'unchanged';
    stored.status = status;
    this.reports.push(report);
    return 'applied';
  }
}

function handlers(backend: () => FakeBackend): Handlers<typeof internalApi> {
  const notHere = (): never => {
    throw new ProblemError('not_found', { detail: 'The runner is not part of these tests.' });
  };
  return {
    claimSubmissions: ({ body }) => {
      backend().claimSizes.push(body.items.length);
      const items = body.items.map((item) => {
        const stored = backend().lookUp(item);
        if (typeof stored === 'string') return { outcome: stored, ...item };
        if (backend().hold !== null && stored.status === 'queued') {
          if (backend().probes === 0) return { outcome: 'held' as const, ...item };
          backend().probes -= 1;
        }
        if (stored.status === 'queued') stored.status = 'scheduled';
        const result_token = `token-of-${item.submission_id}-${item.attempt}`;
        return {
          outcome: 'claimed' as const,
          ...item,
          result_token,
          user_id: 'a'.repeat(24),
          traceparent: null,
        };
      });
      const { rateLimited: rate_limited_recent, hold } = backend();
      return { status: 200, body: { items, llm: { rate_limited_recent }, hold } };
    },
    reportJobs: ({ body }) => {
      const items = body.items.map((report) => ({
        submission_id: report.submission_id,
        attempt: report.attempt,
        outcome: backend().apply(report),
      }));
      return { status: 200, body: { items } };
    },
    readStates: ({ body }) => {
      const items = body.submission_ids.flatMap((submission_id) => {
        const stored = backend().submissions.get(submission_id);
        return stored === undefined ? [] : [{ submission_id, ...stored }];
      });
      return { status: 200, body: { items } };
    },
    listActiveAttempts: () => {
      const items = [...backend().submissions].flatMap(([submission_id, { attempt, status }]) =>
        status === 'scheduled' || status === 'running'
          ? [{ submission_id, attempt, status, since: new Date(0).toISOString() }]
          : [],
      );
      return { status: 200, body: { items, next_cursor: null } };
    },
    reportDeadLetter: ({ body }) => {
      backend().deadLetters.push(body);
      const kept = { source: 'scheduler' as const, created_at: new Date().toISOString(), replayed_at: null };
      return { status: 200, body: { ...body, ...kept, dead_letter_id: newId() } };
    },
    listDeadLetters: notHere,
    replayDeadLetter: notHere,
    getRunnerRecord: notHere,
    reportStarted: notHere,
    deliverResult: notHere,
  };
}
