import { QueueName, RunnerEnv, gracePeriods } from '@cloudemy/contracts';
import {
  commonEnv,
  count,
  milliseconds,
  parseEnv,
  port,
  redisCredentials,
  redisUrlWith,
  withoutCredentials,
} from '@cloudemy/service';
import { z } from 'zod';

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const quantity = z
  .string()
  .regex(/^\d+(\.\d+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/, 'must be a Kubernetes quantity such as 50m, 1 or 256Mi');

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names; a label's value too. */
const dnsLabel = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be at most 63 of a-z, 0-9 and -, not - at the edges');

const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' });
const redisUrl = z.url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// URL' });

/** A variable handed on as it is: it must be what the runner will accept, or every Job would fail by it. */
const handedOn = (name: keyof typeof RunnerEnv.shape) =>
  z
    .string()
    .refine((value) => RunnerEnv.shape[name].safeParse(value).success, 'is not what the runner takes')
    .optional();

const whole = (smallest: number) => z.coerce.number('must be a number').int().min(smallest);

const schema = z.object({
  ...commonEnv,
  PORT: port.default(8001),
  ...redisCredentials,
  REDIS_URL: redisUrl.default('redis://redis:6379'),
  QUEUE_SUBMISSIONS: QueueName.default({ prefix: 'queue', name: 'submissions' }),
  BACKEND_INTERNAL_URL: httpUrl.default('http://backend:8000/internal'),
  INTERNAL_SERVICE_TOKEN: z.string().min(1).describe('the secret that the services of Cloudemy share'),

  KUBECONFIG: z.string().optional(),
  K8S_NAMESPACE: dnsLabel.default('default'),
  /** Tells installations in one namespace apart; the replicas of one share it. */
  INSTANCE: dnsLabel.default('cloudemy'),

  RUNNER_IMAGE: z.string().min(1).describe('the image of the runner, such as cloudemy/runner:0.1.0'),
  RUNNER_IMAGE_PULL_POLICY: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent'),
  RUNNER_RESTART_POLICY: z.enum(['Never', 'OnFailure']).default('Never'),
  RUNNER_BACKOFF_LIMIT: whole(0).default(1),
  RUNNER_ACTIVE_DEADLINE_SECONDS: count.default(120),
  RUNNER_TTL_SECONDS: whole(0).default(600),
  RUNNER_CPU_REQUEST: quantity.default('50m'),
  RUNNER_CPU_LIMIT: quantity.default('1'),
  RUNNER_MEMORY_REQUEST: quantity.default('64Mi'),
  RUNNER_MEMORY_LIMIT: quantity.default('256Mi'),
  RUNNER_RUNTIME_CLASS: dnsLabel.optional(),
  RUNNER_REDIS_URL: redisUrl.optional(),
  /** A Secret in K8S_NAMESPACE with the URL of Redis for runners, when the URL has a password in it. */
  RUNNER_REDIS_SECRET_NAME: dnsLabel.optional(),
  RUNNER_REDIS_SECRET_KEY: z.string().min(1).default('url'),
  RUNNER_BACKEND_INTERNAL_URL: httpUrl.optional(),
  RUNNER_OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
  RUNNER_LOG_LEVEL: handedOn('LOG_LEVEL'),

  LLM_SECRET_NAME: dnsLabel.default('cloudemy-llm'),
  LLM_SECRET_KEY: z.string().min(1).default('api-key'),
  LLM_MODEL: z.string().min(1).default('gpt-4o-mini'),
  LLM_BASE_URL: handedOn('LLM_BASE_URL'),
  LLM_API: handedOn('LLM_API'),
  /** For runners: how they leave the cluster, and whom they trust besides. The scheduler itself needs neither. */
  HTTP_PROXY: handedOn('HTTP_PROXY'),
  HTTPS_PROXY: handedOn('HTTPS_PROXY'),
  NO_PROXY: handedOn('NO_PROXY'),
  LLM_CA: handedOn('LLM_CA'),
  LLM_TIMEOUT_MS: handedOn('LLM_TIMEOUT_MS'),
  LLM_MAX_RETRIES: handedOn('LLM_MAX_RETRIES'),
  LLM_TEMPERATURE: handedOn('LLM_TEMPERATURE'),
  LLM_MAX_TOKENS: handedOn('LLM_MAX_TOKENS'),
  LLM_PRICE_INPUT: handedOn('LLM_PRICE_INPUT'),
  LLM_PRICE_OUTPUT: handedOn('LLM_PRICE_OUTPUT'),
  RESULT_RETRIES: handedOn('RESULT_RETRIES'),

  MAX_JOBS_IN_FLIGHT: count.default(100),
  MAX_FINISHED_JOBS: whole(0).default(1_000),
  WORKER_CONCURRENCY: count.default(96),
  RESYNC_INTERVAL_MS: milliseconds.default(30_000),
  RESULT_GRACE_MS: milliseconds.default(5_000),
  MISSING_JOB_GRACE_MS: milliseconds.default(15_000),

  IMAGE_PULL_GRACE_MS: milliseconds.default(gracePeriods.IMAGE_PULL_GRACE_MS),
  MISSING_OBJECT_GRACE_MS: milliseconds.default(gracePeriods.MISSING_OBJECT_GRACE_MS),
  UNSCHEDULABLE_GRACE_MS: milliseconds.default(gracePeriods.UNSCHEDULABLE_GRACE_MS),
  QUOTA_GRACE_MS: milliseconds.default(gracePeriods.QUOTA_GRACE_MS),
  START_ERROR_GRACE_MS: milliseconds.default(gracePeriods.START_ERROR_GRACE_MS),
  VOLUME_GRACE_MS: milliseconds.default(gracePeriods.VOLUME_GRACE_MS),
  SERVICE_ACCOUNT_GRACE_MS: milliseconds.default(gracePeriods.SERVICE_ACCOUNT_GRACE_MS),
  ADMISSION_GRACE_MS: milliseconds.default(gracePeriods.ADMISSION_GRACE_MS),
});

/** The names of all variables, for what passes them on. */
export const settings: readonly string[] = Object.keys(schema.shape);

export type Config = Readonly<z.output<typeof schema>>;

/**
 * Reads the scheduler's environment; README.md lists the variables.
 *
 * @throws ConfigError naming each bad or missing variable.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const config = parseEnv(schema, { ...conventional(env), ...env });
  const credentials = { username: config.REDIS_USERNAME, password: config.REDIS_PASSWORD };
  return Object.freeze({
    ...config,
    REDIS_URL: redisUrlWith(config.REDIS_URL, credentials),
    // Whatever holds students' code never gets the password of the services.
    RUNNER_REDIS_URL: config.RUNNER_REDIS_URL ?? withoutCredentials(config.REDIS_URL),
  });
}

/** What other programs call the same, in small letters. */
function conventional(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  return {
    HTTP_PROXY: env['http_proxy'],
    HTTPS_PROXY: env['https_proxy'],
    NO_PROXY: env['no_proxy'],
  };
}
