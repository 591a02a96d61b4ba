import { auditEnv, remoteAuthEnv } from '@cloudemy/auth';
import { CHECKED_KINDS, DEFAULT_POLICY, type Policy } from '@cloudemy/k8s';
import {
  assertSafeToListen,
  checkInternalPort,
  commonEnv,
  count,
  internalPortEnv,
  list,
  mongoCredentials,
  mongoUriWith,
  parseEnv,
  port,
  redisCredentials,
  redisUrlWith,
  trustedProxies,
} from '@cloudemy/service';
import { ConnectionString } from '@cloudemy/mongo';
import { webhookEnv } from '@cloudemy/webhooks';
import { z } from 'zod';
import { Grant } from './auth/grants.js';
import { deployerLimitEnv } from './auth/limits.js';
import type { AllowanceLimits } from './deployments/allowance.js';
import { terminalEnv } from './terminals/config.js';

const MiB = 1_024 * 1_024;

const namespaces = list.pipe(
  z
    .array(z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must list names of namespaces'))
    .min(1, 'must name at least one namespace'),
);

const kindNames = z.array(
  z.string().regex(/^[A-Z][A-Za-z0-9]*(\.[a-z0-9.-]+)?$/, 'must list kinds such as Job.batch or Secret'),
);
const kindList = list.pipe(kindNames);
const kinds = list.pipe(kindNames.min(1, 'must name at least one kind'));

/** Namespaces and kinds by role or user, as JSON: see `Grants`. */
const grants = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'must be JSON: a list of grants' });
      return z.NEVER;
    }
  })
  .pipe(z.array(Grant));

const DeployerEnv = z
  .object({
    ...commonEnv,
    ...remoteAuthEnv,
    ...deployerLimitEnv,
    ...auditEnv,
    ...webhookEnv,
    PORT: port.default(8_002),
    ...internalPortEnv,
    ...mongoCredentials,
    ...redisCredentials,
    MONGO_URL: ConnectionString.default('mongodb://mongo:27017'),
    DB_NAME: z.string().min(1).default('cloudemy'),
    /** A kubeconfig file; inside a pod its service account is used without one. */
    KUBECONFIG: z.string().optional(),
    /** Namespaces that may be deployed to and looked into. */
    DEPLOYER_NAMESPACES: namespaces.prefault('default'),
    POLICY_LEVEL: z.enum(['baseline', 'restricted']).default('baseline'),
    /** Core kinds by their name, others as `Kind.group`. */
    ALLOWED_KINDS: kinds.prefault(DEFAULT_POLICY.kinds.join(',')),
    ALLOWED_SERVICE_ACCOUNTS: list.prefault(DEFAULT_POLICY.serviceAccounts.join(',')),
    ALLOWED_RUNTIME_CLASSES: list.prefault(DEFAULT_POLICY.runtimeClasses.join(',')),
    ALLOWED_PRIORITY_CLASSES: list.prefault(DEFAULT_POLICY.priorityClasses.join(',')),
    ALLOWED_ANNOTATIONS: list.prefault(DEFAULT_POLICY.annotations.join(',')),
    ALLOWED_RESOURCES: list.prefault(DEFAULT_POLICY.resources.join(',')),
    ALLOWED_RESOURCE_CLAIMS: list.prefault(DEFAULT_POLICY.resourceClaims.join(',')),
    ALLOWED_SCHEDULERS: list.prefault(DEFAULT_POLICY.schedulers.join(',')),
    ALLOWED_LOCALHOST_PROFILES: list.prefault(DEFAULT_POLICY.localhostProfiles.join(',')),
    /** Those of `ALLOWED_KINDS` that no rule of the policy looks into: said twice, so that nobody says it unawares. */
    ALLOWED_UNCHECKED_KINDS: kindList.prefault(''),
    MAX_GRACE_PERIOD_SECONDS: count.default(DEFAULT_POLICY.maxGracePeriodSeconds),
    DEPLOYER_GRANTS: grants.prefault('[]'),
    /** UTF-8 bytes of one request's YAML. */
    MAX_YAML_BYTES: count.max(16 * MiB).default(MiB),
    MAX_DOCUMENTS: count.max(1_000).default(100),
    /** Of what one user has deployed at a time. */
    MAX_LIVE_OBJECTS_PER_USER: count.optional(),
    MAX_LIVE_BYTES_PER_USER: count.optional(),
    CORS_ORIGINS: list.prefault('http://localhost:3000,http://cloudemy.local'),
    /** Further names that the service is called by while it asks nobody who they are, such as a tunnel's. */
    PUBLIC_HOSTS: list.prefault(''),
    /** Whose `X-Forwarded-*` is believed: the number of proxies in front, or their addresses and ranges. */
    TRUST_PROXY: trustedProxies.prefault('127.0.0.0/8,::1/128'),
    /** Followed logs at a time; each holds connections to the cluster. */
    MAX_LOG_STREAMS: count.default(200),
    /** As many as of the service while authentication is off. */
    MAX_LOG_STREAMS_PER_USER: count.optional(),
    ...terminalEnv,
  })
  .superRefine(({ ALLOWED_KINDS, ALLOWED_UNCHECKED_KINDS }, context) => {
    const known = [...CHECKED_KINDS, ...ALLOWED_UNCHECKED_KINDS];
    const unchecked = ALLOWED_KINDS.filter((kind) => !known.includes(kind));
    if (unchecked.length === 0) return;
    context.addIssue({
      code: 'custom',
      path: ['ALLOWED_KINDS'],
      message: `names ${unchecked.join(', ')}, which no rule of the policy looks into: name these in ALLOWED_UNCHECKED_KINDS too, if users may deploy whatever they can express`,
    });
  });

/** The names of all variables, for what passes them on. */
export const settings: readonly string[] = Object.keys(DeployerEnv.shape);

export type DeployerConfig = Readonly<z.output<typeof DeployerEnv>>;

/**
 * Reads the deployer's environment; README.md lists the variables.
 *
 * @throws ConfigError naming every variable at fault.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): DeployerConfig {
  const config = withStores(parseEnv(DeployerEnv, env));
  assertSafeToListen(config);
  checkInternalPort(config);
  return config;
}

/** The stores as they are connected to. */
function withStores(config: DeployerConfig): DeployerConfig {
  const mongo = { username: config.MONGO_USERNAME, password: config.MONGO_PASSWORD };
  const redis = { username: config.REDIS_USERNAME, password: config.REDIS_PASSWORD };
  return Object.freeze({
    ...config,
    MONGO_URL: mongoUriWith(config.MONGO_URL, mongo),
    REDIS_URL: config.REDIS_URL === undefined ? undefined : redisUrlWith(config.REDIS_URL, redis),
  });
}

/** What submitted YAML may contain, by this configuration. */
export function policyOf(config: DeployerConfig): Policy {
  return {
    ...DEFAULT_POLICY,
    level: config.POLICY_LEVEL,
    kinds: config.ALLOWED_KINDS,
    namespaces: config.DEPLOYER_NAMESPACES,
    serviceAccounts: config.ALLOWED_SERVICE_ACCOUNTS,
    runtimeClasses: config.ALLOWED_RUNTIME_CLASSES,
    priorityClasses: config.ALLOWED_PRIORITY_CLASSES,
    annotations: config.ALLOWED_ANNOTATIONS,
    resources: config.ALLOWED_RESOURCES,
    resourceClaims: config.ALLOWED_RESOURCE_CLAIMS,
    schedulers: config.ALLOWED_SCHEDULERS,
    localhostProfiles: config.ALLOWED_LOCALHOST_PROFILES,
    maxGracePeriodSeconds: config.MAX_GRACE_PERIOD_SECONDS,
  };
}

/** Logs that one user may follow at a time: where nobody signs in everybody is one user. */
export function logStreamsPerUser(config: DeployerConfig): number {
  return config.MAX_LOG_STREAMS_PER_USER ?? (config.AUTH_MODE === 'off' ? config.MAX_LOG_STREAMS : 20);
}

/** While authentication is off there is one user, on this machine. */
const allowances = {
  off: { objects: 10_000, bytes: 256 * MiB },
  jwt: { objects: 1_000, bytes: 32 * MiB },
} as const;

/** How much one user may have deployed at a time. */
export function allowanceOf(config: DeployerConfig): AllowanceLimits {
  const { objects, bytes } = allowances[config.AUTH_MODE];
  return {
    objects: config.MAX_LIVE_OBJECTS_PER_USER ?? objects,
    bytes: config.MAX_LIVE_BYTES_PER_USER ?? bytes,
  };
}
