import { auditEnv, limitEnv } from '@cloudemy/auth';
import { QueueName } from '@cloudemy/contracts';
import {
  ConfigError,
  assertSafeToListen,
  checkInternalPort,
  commonEnv,
  count,
  internalPortEnv,
  list,
  milliseconds,
  mongoCredentials,
  mongoUriWith,
  parseEnv,
  port,
  trustedProxies,
  redisCredentials,
  redisUrlWith,
} from '@cloudemy/service';
import { ConnectionString } from '@cloudemy/mongo';
import { webhookEnv } from '@cloudemy/webhooks';
import { z } from 'zod';
import { accountEnv, checkAccountConfig } from './accounts/config.js';

const KiB = 1_024;
const MiB = 1_024 * KiB;

/** A code unit may take six bytes when JSON escapes it (RFC 8259, section 7), and the rest of the body some. */
const escapedBytes = 6;
const besidesCode = 4 * KiB;

const BackendEnv = z.object({
  ...commonEnv,
  ...accountEnv,
  ...limitEnv,
  ...auditEnv,
  ...webhookEnv,
  PORT: port.default(8_000),
  ...internalPortEnv,
  ...mongoCredentials,
  ...redisCredentials,
  MONGO_URI: ConnectionString.default('mongodb://mongo:27017'),
  DB_NAME: z.string().min(1).default('cloudemy'),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).default('redis://redis:6379'),
  QUEUE_SUBMISSIONS: QueueName.prefault('queue:submissions'),
  CORS_ORIGINS: list.prefault('http://localhost:3000,http://cloudemy.local'),
  /** Further names that the service is called by while it asks nobody who they are, such as a tunnel's. */
  PUBLIC_HOSTS: list.prefault(''),
  /** Whose `X-Forwarded-*` is believed: the number of proxies in front, or their addresses and ranges. */
  TRUST_PROXY: trustedProxies.prefault('127.0.0.0/8,::1/128'),
  /** UTF-8 bytes of one submission's code. A submission must fit into one MongoDB document of 16 MiB. */
  MAX_CODE_BYTES: count.max(4 * MiB).default(256 * KiB),
  /** Bytes of all files of one submission, unpacked; each is one MongoDB document. */
  MAX_FILES_BYTES: count.max(12 * MiB).default(4 * MiB),
  MAX_BODY_BYTES: count.max(64 * MiB).default(2 * MiB),
  INTERNAL_SERVICE_TOKEN: z
    .string()
    .min(16, 'must have at least 16 characters')
    .describe('what the scheduler proves itself with; at least 16 characters'),
  /** Still accepted while INTERNAL_SERVICE_TOKEN is being rotated. */
  INTERNAL_SERVICE_TOKEN_PREVIOUS: z.string().min(16, 'must have at least 16 characters').optional(),
  RESULT_TOKEN_SECRET: z
    .string()
    .min(32, 'must have at least 32 characters')
    .describe('signs result tokens; at least 32 characters'),
  /** Still accepted while RESULT_TOKEN_SECRET is being rotated. */
  RESULT_TOKEN_SECRET_PREVIOUS: z.string().min(32, 'must have at least 32 characters').optional(),
  RESULT_TOKEN_TTL_MS: milliseconds.default(3_600_000),
  /**
   * Keys of the runners' records in Redis are derived from it; from RESULT_TOKEN_SECRET when unset. May change at any
   * time: a record sealed by another is loaded from the backend instead.
   */
  RECORD_KEY_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  /** The key that signs receipts follows from it; from RESULT_TOKEN_SECRET when unset. A new one is published beside the old ones. */
  RECEIPT_KEY_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  /** Days after which what was handed in, and what was written about it, is erased; points stay. Never when unset. */
  SUBMISSION_RETENTION_DAYS: count.max(36_500).optional(),
  /** Seconds the runner's record stays in Redis; afterwards the runner asks the backend. */
  RECORD_TTL_S: count.default(86_400),
  /** Bytes of a runner's record in Redis; the runner of a larger one asks the backend. */
  MAX_RECORD_BYTES: count.default(64 * KiB),
  /** Submissions of one student that may wait or be graded at a time; while authentication is off only what is set counts. */
  MAX_WAITING_PER_USER: count.optional(),
  /** The same of one assignment. */
  MAX_WAITING_PER_ASSIGNMENT: count.optional(),
  /** Tokens that the model may use on one day (UTC), in all and for one assignment: beyond it the queue waits for the next. */
  MAX_TOKENS_PER_DAY: count.optional(),
  MAX_TOKENS_PER_ASSIGNMENT_PER_DAY: count.optional(),
  /** Between two rounds of the sweepers of one replica. */
  SWEEP_INTERVAL_MS: milliseconds.default(2_000),
  /** How old a leftover must be before a sweeper takes it from the request that made it. */
  SWEEP_GRACE_MS: milliseconds.default(1_000),
  /** How long a submission may be queued before the queue is asked whether it still knows it. */
  REQUEUE_AFTER_MS: milliseconds.default(30_000),
  /** How long a state may last before a sweeper ends it. */
  QUEUED_DEADLINE_MS: milliseconds.default(24 * 3_600_000),
  SCHEDULED_DEADLINE_MS: milliseconds.default(600_000),
  RUNNING_DEADLINE_MS: milliseconds.default(600_000),
  /** The scheduler's: how long the cluster lets a Job take. Here only to be held against the deadline above. */
  RUNNER_ACTIVE_DEADLINE_SECONDS: count.default(120),
  /**
   * Attempts that one request of a person may lead to, the first included. With the pauses between them they outlast a
   * model that is away for a minute.
   */
  MAX_AUTOMATIC_ATTEMPTS: count.max(20).default(5),
  /** Pause before the second attempt; doubles from one to the next. */
  RETRY_BACKOFF_MS: milliseconds.default(10_000),
  RETRY_BACKOFF_MAX_MS: milliseconds.default(300_000),
  /** Submissions of one bulk regrade that are graded at a time. */
  REGRADE_IN_FLIGHT: count.default(20),
  /** Live streams at a time, at one replica; while authentication is off only what is set counts. */
  MAX_EVENT_STREAMS_PER_USER: count.optional(),
  /** Everybody behind one address together. */
  MAX_EVENT_STREAMS_PER_ADDRESS: count.optional(),
  /** Live streams ask MongoDB this often for what a lost hint did not tell. */
  EVENTS_POLL_MS: milliseconds.default(5_000),
});

/** The names of all variables, for what passes them on. */
export const settings: readonly string[] = Object.keys(BackendEnv.shape);

export type BackendConfig = z.output<typeof BackendEnv>;

/**
 * Reads the backend's environment.
 *
 * @throws ConfigError naming every variable at fault.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Readonly<BackendConfig> {
  const config = withStores(parseEnv(BackendEnv, env));
  assertSafeToListen(config);
  checkInternalPort(config);
  checkAccountConfig(config);
  const needed = config.MAX_CODE_BYTES * escapedBytes + besidesCode;
  if (config.MAX_BODY_BYTES < needed) {
    throw new ConfigError(
      `MAX_BODY_BYTES: ${config.MAX_BODY_BYTES} is too small for code of MAX_CODE_BYTES=${config.MAX_CODE_BYTES} ` +
        `once JSON has escaped it. Set it to ${needed} or more.`,
    );
  }
  if (config.RUNNING_DEADLINE_MS <= config.RUNNER_ACTIVE_DEADLINE_SECONDS * 1_000) {
    throw new ConfigError(
      `RUNNING_DEADLINE_MS: ${config.RUNNING_DEADLINE_MS} ms is not more than the Job's own deadline of ` +
        `RUNNER_ACTIVE_DEADLINE_SECONDS=${config.RUNNER_ACTIVE_DEADLINE_SECONDS} s, so submissions would fail while ` +
        `they are being graded. Set it to ${(config.RUNNER_ACTIVE_DEADLINE_SECONDS + reportSeconds) * 1_000} or more.`,
    );
  }
  return config;
}

/** The stores as they are connected to. */
function withStores(config: BackendConfig): Readonly<BackendConfig> {
  const mongo = { username: config.MONGO_USERNAME, password: config.MONGO_PASSWORD };
  const redis = { username: config.REDIS_USERNAME, password: config.REDIS_PASSWORD };
  return Object.freeze({
    ...config,
    MONGO_URI: mongoUriWith(config.MONGO_URI, mongo),
    REDIS_URL: redisUrlWith(config.REDIS_URL, redis),
  });
}

/** Time for the result of a Job that used all it had. */
const reportSeconds = 60;

/** A person with some tabs, and a lecture hall behind one address. */
const streams = { perUser: 20, perAddress: 1_000 };

/** How many live streams one user and one address may have open. */
export function streamLimits(config: BackendConfig): { perUser: number; perAddress: number } {
  const otherwise =
    config.AUTH_MODE === 'off'
      ? { perUser: Number.POSITIVE_INFINITY, perAddress: Number.POSITIVE_INFINITY }
      : streams;
  return {
    perUser: config.MAX_EVENT_STREAMS_PER_USER ?? otherwise.perUser,
    perAddress: config.MAX_EVENT_STREAMS_PER_ADDRESS ?? otherwise.perAddress,
  };
}

/** How many submissions one student may have waiting, in all and of one assignment. */
export function waitingLimits(config: BackendConfig): { inAll: number; perAssignment: number } {
  const none = Number.POSITIVE_INFINITY;
  const otherwise =
    config.AUTH_MODE === 'off' ? { inAll: none, perAssignment: none } : { inAll: 20, perAssignment: 5 };
  return {
    inAll: config.MAX_WAITING_PER_USER ?? otherwise.inAll,
    perAssignment: config.MAX_WAITING_PER_ASSIGNMENT ?? otherwise.perAssignment,
  };
}
