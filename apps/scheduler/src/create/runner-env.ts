import type { RunnerEnv } from '@cloudemy/contracts';
import type { Config } from '../config.js';
import type { ClaimedAttempt, EnvVar } from './manifest-types.js';

/** The runner's environment as REQUIREMENTS G4 has it, and what an operator set for the model besides. */
export function runnerEnv(config: Config, claimed: ClaimedAttempt): EnvVar[] {
  const values: Partial<Record<keyof RunnerEnv, string | undefined>> = {
    SUBMISSION_ID: claimed.submission_id,
    REDIS_URL: config.RUNNER_REDIS_SECRET_NAME === undefined ? config.RUNNER_REDIS_URL : undefined,
    BACKEND_INTERNAL_URL: config.RUNNER_BACKEND_INTERNAL_URL ?? config.BACKEND_INTERNAL_URL,
    INTERNAL_RESULT_TOKEN: claimed.result_token,
    RECORD_KEY: claimed.record_key,
    RUNNER_BUDGET_MS: String(budgetMs(config.RUNNER_ACTIVE_DEADLINE_SECONDS)),
    LLM_MODEL: config.LLM_MODEL,
    LLM_API: config.LLM_API,
    LLM_BASE_URL: config.LLM_BASE_URL,
    LLM_CA: config.LLM_CA,
    ...proxyEnv(config),
    LLM_TIMEOUT_MS: config.LLM_TIMEOUT_MS,
    LLM_MAX_RETRIES: config.LLM_MAX_RETRIES,
    LLM_TEMPERATURE: config.LLM_TEMPERATURE,
    LLM_MAX_TOKENS: config.LLM_MAX_TOKENS,
    LLM_PRICE_INPUT: config.LLM_PRICE_INPUT,
    LLM_PRICE_OUTPUT: config.LLM_PRICE_OUTPUT,
    RESULT_RETRIES: config.RESULT_RETRIES,
    REQUEST_ID: claimed.request_id,
    TRACEPARENT: claimed.traceparent,
    OTEL_EXPORTER_OTLP_ENDPOINT:
      config.RUNNER_OTEL_EXPORTER_OTLP_ENDPOINT ?? config.OTEL_EXPORTER_OTLP_ENDPOINT,
    LOG_LEVEL: config.RUNNER_LOG_LEVEL,
  };
  return [
    ...Object.entries(values).flatMap(([name, value]) =>
      value === undefined ? [] : [{ name, value: literal(value) }],
    ),
    ...fromSecret('REDIS_URL', config.RUNNER_REDIS_SECRET_NAME, config.RUNNER_REDIS_SECRET_KEY),
    ...fromSecret('LLM_API_KEY', config.LLM_SECRET_NAME, config.LLM_SECRET_KEY),
  ];
}

/** By reference: the value is in no Job. */
function fromSecret(variable: keyof RunnerEnv, name: string | undefined, key: string): EnvVar[] {
  if (name === undefined) return [];
  return [{ name: variable, valueFrom: { secretKeyRef: { name, key } } }];
}

/** The way out through a proxy: for the model alone, what is inside is reached directly. */
function proxyEnv(config: Config): Partial<Record<keyof RunnerEnv, string | undefined>> {
  const { HTTP_PROXY, HTTPS_PROXY, NO_PROXY } = config;
  if (HTTP_PROXY === undefined && HTTPS_PROXY === undefined) return {};
  const inside = [
    config.RUNNER_BACKEND_INTERNAL_URL ?? config.BACKEND_INTERNAL_URL,
    config.RUNNER_OTEL_EXPORTER_OTLP_ENDPOINT ?? config.OTEL_EXPORTER_OTLP_ENDPOINT,
  ].flatMap((url) => (url === undefined ? [] : [new URL(url).hostname.replace(/^\[|\]$/g, '')]));
  const direct = [...(NO_PROXY ?? '').split(',').map((host) => host.trim()), ...inside];
  return {
    HTTP_PROXY,
    HTTPS_PROXY,
    NO_PROXY: [...new Set(direct.filter((host) => host !== ''))].join(','),
    NODE_USE_ENV_PROXY: '1',
  };
}

/** Milliseconds the runner may take: it must have reported before its Job is killed. */
function budgetMs(deadlineSeconds: number): number {
  return Math.max(deadlineSeconds - reportingSeconds, Math.ceil(deadlineSeconds * 0.8)) * 1_000;
}

/** Time to start, and to deliver the reason why there is no grade. */
const reportingSeconds = 20;

/** The kubelet replaces `$(NAME)` in values; a doubled dollar sign keeps a value as it is. */
const literal = (value: string): string => value.replaceAll('$(', '$$$$(');
