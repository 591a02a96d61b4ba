import { RunnerEnv } from '@cloudemy/contracts';

/** The environment does not fit; the message names each variable and what is wrong with it, never a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** What it takes to tell the backend that the rest of the environment is wrong. */
export type CallbackEnv = Pick<
  RunnerEnv,
  | 'SUBMISSION_ID'
  | 'BACKEND_INTERNAL_URL'
  | 'INTERNAL_RESULT_TOKEN'
  | 'RESULT_RETRIES'
  | 'REQUEST_ID'
  | 'TRACEPARENT'
>;

const CallbackEnv = RunnerEnv.pick({
  SUBMISSION_ID: true,
  BACKEND_INTERNAL_URL: true,
  INTERNAL_RESULT_TOKEN: true,
  RESULT_RETRIES: true,
  REQUEST_ID: true,
  TRACEPARENT: true,
});

/**
 * Reads the runner's environment; empty variables count as unset.
 * @throws ConfigError
 */
export function parseEnv(env: NodeJS.ProcessEnv): RunnerEnv {
  const parsed = RunnerEnv.safeParse(withoutEmpty(env));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => {
    const name = path.join('.');
    return env[name] === undefined || env[name] === '' ? `${name} is not set` : `${name}: ${message}`;
  });
  throw new ConfigError(`the environment is wrong: ${faults.join('; ')}`);
}

/** The part that is needed for the callback, when that part is right; undefined otherwise. */
export function parseCallbackEnv(env: NodeJS.ProcessEnv): CallbackEnv | undefined {
  const given = withoutEmpty(env);
  return (
    CallbackEnv.safeParse(given).data ??
    // The optional ones must not keep the report from arriving.
    CallbackEnv.safeParse({
      SUBMISSION_ID: given['SUBMISSION_ID'],
      BACKEND_INTERNAL_URL: given['BACKEND_INTERNAL_URL'],
      INTERNAL_RESULT_TOKEN: given['INTERNAL_RESULT_TOKEN'],
    }).data
  );
}

function withoutEmpty(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
}
