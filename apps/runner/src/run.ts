import { setImmediate } from 'node:timers/promises';
import { ExitCode, type ResultCallback, type RunnerEnv, type RunnerRecord } from '@cloudemy/contracts';
import { type Tracer, inSpan } from '@cloudemy/tracing';
import { attemptOf } from './attempt.js';
import { type BackendClient, createBackend, verdictOf } from './backend.js';
import { deliverResult } from './callback/deliver.js';
import { GradingError, failureOf } from './grade/grading-error.js';
import { loadSubmission } from './load/load.js';
import { readRedis } from './load/redis.js';
import { type Logger, errorFields } from './log.js';
import { Meter } from './model/meter.js';
import { pricesOf } from './model/price.js';
import { TranscriptKeeper } from './model/transcript.js';

/** The attempt ends without a result to deliver. */
class Ended extends Error {
  override readonly name = 'Ended';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode) {
    super(`the attempt ended with exit code ${exitCode}`);
    this.exitCode = exitCode;
  }
}

/** What the steps of one attempt share. */
interface Attempt {
  env: RunnerEnv;
  backend: BackendClient;
  /** Aborts the attempt: with an `Ended`, or with the `GradingError` that becomes its result. */
  end: AbortController;
  meter: Meter;
  transcript: TranscriptKeeper;
  log: Logger;
  tracer: Tracer;
  number: number | undefined;
  /** Milliseconds left until grading must be over. */
  timeLeft: () => number;
}

/**
 * One attempt from loading to callback. Never throws: whatever happens becomes a result, and an exit code.
 * @param termination aborted when the process is told to stop.
 */
export async function runAttempt(
  env: RunnerEnv,
  log: Logger,
  termination: AbortSignal,
  tracer: Tracer,
): Promise<ExitCode> {
  const number = attemptOf(env.INTERNAL_RESULT_TOKEN);
  const attempt: Attempt = {
    env,
    backend: createBackend(env),
    end: new AbortController(),
    meter: new Meter(pricesOf(env)),
    transcript: new TranscriptKeeper(),
    log: number === undefined ? log : log.child({ attempt: number }),
    tracer,
    number,
    // Counted from the start of the process, and ending early enough to deliver a failure.
    timeLeft: () => env.RUNNER_BUDGET_MS - reserveMs(env) - performance.now(),
  };
  const { end } = attempt;
  const outOfTime = setTimeout(
    () => end.abort(new GradingError('llm_timeout', 'no grade within RUNNER_BUDGET_MS')),
    Math.max(1, attempt.timeLeft()),
  );
  const terminate = () => end.abort(stopReason(env));
  termination.addEventListener('abort', terminate, { once: true });
  try {
    const result = await resultOf(attempt);
    return await step(attempt, 'deliver result', () =>
      deliverResult(result, {
        submissionId: env.SUBMISSION_ID,
        token: env.INTERNAL_RESULT_TOKEN,
        // A process that is being stopped has seconds, not minutes.
        ...(termination.aborted
          ? { retries: Math.min(1, env.RESULT_RETRIES), waits: { firstMs: 500, otherMs: 500 } }
          : { retries: env.RESULT_RETRIES, waits: waitsWithin(attempt.timeLeft() + reserveMs(env)) }),
        backend: attempt.backend,
        log: attempt.log,
      }),
    );
  } catch (error) {
    if (error instanceof Ended) return error.exitCode;
    throw error;
  } finally {
    clearTimeout(outOfTime);
    termination.removeEventListener('abort', terminate);
    // Lets go of a start report that is still under way.
    end.abort();
  }
}

/** @throws Ended */
async function resultOf(attempt: Attempt): Promise<ResultCallback> {
  try {
    const [record, grader] = await Promise.all([
      step(attempt, 'load submission', () => load(attempt)),
      loadGrader(attempt.env),
    ]);
    attempt.number ??= record.attempt;
    void reportStarted(attempt);
    const result = await step(attempt, 'ask model', () =>
      grader.gradeSubmission(record, {
        model: new grader.Model(
          attempt.env,
          attempt.meter,
          attempt.log,
          attempt.timeLeft,
          attempt.transcript,
        ),
        meter: attempt.meter,
        log: attempt.log,
        signal: attempt.end.signal,
      }),
    );
    return { ...result, transcript: attempt.transcript.read() };
  } catch (error) {
    if (error instanceof Ended) throw error;
    const failure = failureOf(error);
    attempt.log.error('not graded', {
      code: failure.code,
      retryable: failure.retryable,
      ...errorFields(error),
    });
    return {
      status: 'failed',
      ...(attempt.number === undefined ? {} : { attempt: attempt.number }),
      failure,
      metrics: attempt.meter.read(),
      transcript: attempt.transcript.read(),
    };
  }
}

/** A part of the attempt, as a span of its own. */
const step = <T>({ tracer, env }: Attempt, name: string, work: () => Promise<T>): Promise<T> =>
  inSpan(tracer, name, { parent: env.TRACEPARENT, kind: 'client' }, work);

async function load({ env, backend, end, log, number, meter }: Attempt): Promise<RunnerRecord> {
  const loaded = await loadSubmission({
    submissionId: env.SUBMISSION_ID,
    token: env.INTERNAL_RESULT_TOKEN,
    attempt: number,
    recordKey: env.RECORD_KEY,
    onRefused: () => meter.note('record_refused', true),
    readRedis: () => readRedis(env.REDIS_URL, env.SUBMISSION_ID),
    backend,
    log,
    signal: end.signal,
  });
  end.signal.throwIfAborted();
  switch (loaded.outcome) {
    case 'loaded':
      return loaded.record;
    case 'superseded':
      log.warn('nothing to do: the submission is final or a newer attempt runs');
      throw new Ended(ExitCode.done);
    case 'token-refused':
      throw new Ended(ExitCode.tokenRefused);
    case 'unavailable':
      throw new Ended(ExitCode.notLoaded);
    default:
      throw new GradingError('submission_unavailable', 'there is no record that can be graded');
  }
}

/**
 * The grader brings the model's client, half of all there is to load: it is loaded while the submission is on
 * its way, and the request for that goes out first.
 */
async function loadGrader({ LLM_CA }: RunnerEnv) {
  await setImmediate();
  // With the grader, as TLS takes its time to load.
  if (LLM_CA !== undefined) (await import('./model/trust.js')).trustAlso(LLM_CA);
  return await import('./grade/grader.js');
}

/** Beside the grading, and never in its way: only an answer that makes the grade useless ends it. */
async function reportStarted({ env, backend, end, log }: Attempt): Promise<void> {
  try {
    await backend.reportStarted(
      {
        params: { submission_id: env.SUBMISSION_ID },
        headers: { 'x-result-token': env.INTERNAL_RESULT_TOKEN },
      },
      { signal: end.signal },
    );
  } catch (error) {
    if (end.signal.aborted) return;
    const verdict = verdictOf(error);
    if (verdict === 'superseded') {
      log.warn('grading stopped: the submission is final or a newer attempt runs');
      end.abort(new Ended(ExitCode.done));
    } else if (verdict === 'token-refused') {
      // A grade that nobody will take is not worth paying for.
      log.error('grading stopped: the backend refuses the token of this attempt');
      end.abort(new Ended(ExitCode.tokenRefused));
    } else log.warn('the start could not be reported; grading goes on', errorFields(error));
  }
}

/** The pauses between tries to deliver, as far as the time allows that is left before the Job is ended. */
const waitsWithin = (leftMs: number) => ({
  firstMs: 2_000,
  otherMs: Math.min(30_000, Math.max(2_000, leftMs / 2)),
});

/** Kept for the callback: 15 % of the budget, 15 s at most. */
const reserveMs = ({ RUNNER_BUDGET_MS }: RunnerEnv): number => Math.min(15_000, RUNNER_BUDGET_MS * 0.15);

/** A Job past its deadline and an evicted pod are stopped by the same signal: the clock tells them apart. */
function stopReason({ RUNNER_BUDGET_MS }: RunnerEnv): GradingError {
  return performance.now() > RUNNER_BUDGET_MS * 0.8
    ? new GradingError('deadline_exceeded', 'told to stop near the end of the time budget')
    : new GradingError('evicted', 'told to stop');
}
