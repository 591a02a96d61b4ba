import { createHash, randomBytes } from 'node:crypto';
import { redisUserFile } from '@cloudemy/contracts';
import type { ClusterObjects } from '../cluster/cluster-objects.js';
import { type Secret, secretOf, valuesOf } from './secret.js';

/** `generate` what is missing and keep what is there; `rotate` makes all again; `external`: somebody else makes them. */
export type SecretMode = 'generate' | 'rotate' | 'external';

/** A Secret that somebody else was to make is missing or incomplete. */
export class SecretMissing extends Error {
  override readonly name = 'SecretMissing';
}

const namespace = 'cloudemy';
const name = 'cloudemy-internal';
const runnersNamespace = 'cloudemy-runners';

/** What is replaced when secrets are rotated; the former one is kept, and still taken, as `…-previous`. */
const rotated = [
  'service-token',
  'result-token-secret',
  'auth-secret',
  'redis-password',
  'redis-deployer-password',
  'redis-runner-password',
] as const;
/** With what seals records until they are graded, what signs receipts for good, and the passwords of accounts that live on in the database. */
const all = [
  ...rotated,
  'record-key-secret',
  'receipt-key-secret',
  'admin-password',
  'mongo-root-password',
  'mongo-password',
] as const;

/** 256 bits, as text. */
const random = (): string => randomBytes(32).toString('base64url');

/**
 * What the services prove themselves to each other with, and sign with. Rotating keeps the former ones, which the
 * backend still accepts, so that nothing under way is refused.
 *
 * @throws SecretMissing
 */
export async function internalSecret(objects: ClusterObjects, mode: SecretMode): Promise<Secret> {
  const present = valuesOf(await objects.read(secretOf(namespace, name, {})));
  const missing = all.filter((key) => present[key] === undefined);
  if (mode === 'external' && missing.length > 0) {
    throw new SecretMissing(
      `The Secret ${namespace}/${name} lacks ${missing.join(', ')}, each 32 random characters or more. ` +
        'Add them, or leave --secrets external out to have them made.',
    );
  }
  const values = { ...present, ...Object.fromEntries(missing.map((key) => [key, random()])) };
  if (mode !== 'rotate') return secretOf(namespace, name, values);
  for (const key of rotated) {
    const former = present[key];
    if (former === undefined) continue;
    values[`${key}-previous`] = former;
    values[key] = random();
  }
  return secretOf(namespace, name, values);
}

/**
 * What follows from the internal Secret: the users of Redis, and the URL by which runners reach it, each where it is
 * read and nowhere else.
 */
export function redisSecrets(internal: Secret): Secret[] {
  const values = valuesOf(internal);
  const digests = (key: string): string[] =>
    [values[key], values[`${key}-previous`]].flatMap((password) => {
      return password === undefined ? [] : [createHash('sha256').update(password).digest('hex')];
    });
  const users = redisUserFile({
    services: digests('redis-password'),
    deployer: digests('redis-deployer-password'),
    runner: digests('redis-runner-password'),
  });
  const url = `redis://runner:${encodeURIComponent(values['redis-runner-password'] ?? '')}@redis.cloudemy.svc:6379`;
  return [
    secretOf(namespace, 'cloudemy-redis-users', { 'users.acl': users }),
    secretOf(runnersNamespace, 'cloudemy-runner-redis', { url }, 'runner'),
  ];
}
