import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from './config-error.js';
import { milliseconds } from './numbers.js';
import { serverEnv } from './server-env.js';

/**
 * Parses environment variables into a typed, frozen object. A variable `X` may also come from the file named by
 * `X_FILE` (as secrets are mounted), its trailing newline cut. Empty variables and files count as not set.
 *
 * @throws ConfigError naming each bad or missing variable and what is expected.
 */
export function parseEnv<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<z.output<z.ZodObject<Shape>>> {
  const values = Object.fromEntries(
    Object.keys(schema.shape).map((name) => [name, read(name, env)] as const),
  );
  const outcome = schema.safeParse(values);
  if (outcome.success) return Object.freeze(outcome.data);
  const faults = outcome.error.issues.map((issue) => {
    const name = String(issue.path[0] ?? 'environment');
    const missing = values[name] === undefined && issue.path.length <= 1;
    const meaning = missing ? schema.shape[name] : undefined;
    const hint = meaning instanceof z.ZodType ? z.globalRegistry.get(meaning)?.description : undefined;
    return `  ${name}: ${missing ? `is not set${hint === undefined ? '' : ` (${hint})`}` : issue.message}`;
  });
  throw new ConfigError(`Invalid environment:\n${faults.join('\n')}`);
}

function read(name: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const direct = env[name];
  if (direct !== undefined && direct !== '') return direct;
  const file = env[`${name}_FILE`];
  if (file === undefined || file === '') return undefined;
  try {
    const value = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    return value === '' ? undefined : value;
  } catch (cause) {
    throw new ConfigError(`Invalid environment:\n  ${name}_FILE: ${file} cannot be read`, {
      cause,
    });
  }
}

/** A comma-separated list; spaces around items do not matter. */
export const list = z.string().transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

/** `true` or `false`, in words or as 1 and 0. */
export const flag = z
  .enum(['true', 'false', '1', '0'], 'must be true or false')
  .transform((value) => value === 'true' || value === '1');

/** Variables that every HTTP service reads. */
export const commonEnv = {
  ...serverEnv,
  HOST: z.string().default('127.0.0.1'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  SHUTDOWN_TIMEOUT_MS: milliseconds.default(20_000),
  /** Where traces go, as OTLP over HTTP; nothing is traced without it. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  OTEL_EXPORTER_OTLP_HEADERS: z.string().optional(),
  /** `off` is for a machine of one's own: loopback only, unless ALLOW_INSECURE_NETWORK says otherwise in words. */
  AUTH_MODE: z.enum(['off', 'jwt'], 'must be off or jwt').default('off'),
  /** Of a container: the address at which its port is published, which decides in place of HOST who can reach it. */
  PUBLISHED_ADDRESS: z.string().optional(),
  ALLOW_INSECURE_NETWORK: z.literal('yes-anyone-who-can-reach-this-may-do-anything').optional(),
};

const loopback = /^(127(\.\d{1,3}){3}|::1|localhost)$/;

/**
 * With authentication off a service listens on loopback only.
 *
 * @throws ConfigError when HOST, or where a container's port is published, is another address and nobody said in words
 *   that this is meant.
 */
export function assertSafeToListen(config: {
  HOST: string;
  AUTH_MODE: string;
  PUBLISHED_ADDRESS?: string | undefined;
  ALLOW_INSECURE_NETWORK?: string | undefined;
}): void {
  const address = config.PUBLISHED_ADDRESS ?? config.HOST;
  if (config.AUTH_MODE !== 'off' || loopback.test(address)) return;
  if (config.ALLOW_INSECURE_NETWORK !== undefined) return;
  throw new ConfigError(
    `${config.PUBLISHED_ADDRESS === undefined ? 'HOST' : 'PUBLISHED_ADDRESS'}: ${address} can be reached from other ` +
      'machines while AUTH_MODE=off lets everyone do anything. Use 127.0.0.1, or AUTH_MODE=jwt, or set ALLOW_INSECURE_NETWORK=yes-anyone-who-can-reach-this-may-do-anything ' +
      'where the network itself keeps strangers out.',
  );
}
