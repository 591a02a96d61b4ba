import { ExitCode, type RunnerEnv } from '@cloudemy/contracts';
import { type Tracer, openTracer } from '@cloudemy/tracing';
import { createBackend } from './backend.js';
import { deliverResult } from './callback/deliver.js';
import { ConfigError, parseCallbackEnv, parseEnv } from './config.js';
import { GradingError, failureOf } from './grade/grading-error.js';
import { type Logger, createLogger, errorFields } from './log.js';
import { runAttempt } from './run.js';

async function main(variables: NodeJS.ProcessEnv, termination: AbortSignal): Promise<ExitCode> {
  const log = createLogger('info', {
    submission_id: variables['SUBMISSION_ID'],
    request_id: variables['REQUEST_ID'],
  });
  try {
    const env = parseEnv(variables);
    return await traced(env, (tracer, attemptEnv) =>
      runAttempt(attemptEnv, log.at(env.LOG_LEVEL), termination, tracer),
    );
  } catch (error) {
    if (error instanceof ConfigError) return await reportMisconfigured(error, variables, log);
    log.error('the runner failed', errorFields(error));
    return ExitCode.internal;
  }
}

/** Runs an attempt as a span of the trace that the submission began. Nothing is loaded for it when nothing is traced. */
async function traced(
  env: RunnerEnv,
  run: (tracer: Tracer, env: RunnerEnv) => Promise<ExitCode>,
): Promise<ExitCode> {
  const tracer = await openTracer({ service: 'runner', endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT });
  const span = tracer.start('grade submission', {
    parent: env.TRACEPARENT,
    kind: 'consumer',
    attributes: { 'cloudemy.submission_id': env.SUBMISSION_ID },
  });
  const code = await run(tracer, { ...env, TRACEPARENT: span.traceparent });
  span.set({ 'cloudemy.exit_code': code });
  span.end(code === ExitCode.done ? undefined : new Error(`exit code ${code}`));
  await tracer.flush();
  return code;
}

async function reportMisconfigured(
  error: ConfigError,
  variables: NodeJS.ProcessEnv,
  log: Logger,
): Promise<ExitCode> {
  log.error(error.message);
  const env = parseCallbackEnv(variables);
  if (env !== undefined) {
    await deliverResult(
      {
        status: 'failed',
        failure: failureOf(new GradingError('runner_misconfigured', error.message)),
        metrics: {},
      },
      {
        submissionId: env.SUBMISSION_ID,
        token: env.INTERNAL_RESULT_TOKEN,
        retries: env.RESULT_RETRIES,
        backend: createBackend(env),
        log,
      },
    );
  }
  // Whether delivered or not: an operator has to see this Job fail.
  return ExitCode.misconfigured;
}

const termination = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => termination.abort());
// Exits by itself: an idle connection that is kept alive must not keep the pod.
void main(process.env, termination.signal).then((code) => process.exit(code));
