import { createBackend } from './backend.js';
import { deliverResult } from './callback/deliver.js';
import { ConfigError, parseCallbackEnv, parseEnv } from './config.js';
import { ExitCode } from './exit-codes.js';
import { failureOf } from './grade/failures.js';
import { type Logger, createLogger, errorFields } from './log.js';
import { runAttempt } from './run.js';

async function main(variables: NodeJS.ProcessEnv, termination: AbortSignal): Promise<ExitCode> {
  const log = createLogger('info', {
    submission_id: variables['SUBMISSION_ID'],
    request_id: variables['REQUEST_ID'],
  });
  try {
    const env = parseEnv(variables);
    return await runAttempt(env, log.at(env.LOG_LEVEL), termination);
  } catch (error) {
    if (error instanceof ConfigError) return await reportMisconfigured(error, variables, log);
    log.error('the runner failed', errorFields(error));
    return ExitCode.internal;
  }
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
      { status: 'failed', failure: failureOf('runner_misconfigured'), metrics: {} },
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
