import { randomBytes } from 'node:crypto';
import type { ClusterObjects } from '../cluster/cluster-objects.js';
import { type Secret, secretOf, valuesOf } from './secret.js';

/** `generate` what is missing and keep what is there; `rotate` makes all anew; `external`: somebody else makes them. */
export type SecretMode = 'generate' | 'rotate' | 'external';

/** A Secret that somebody else was to make is missing or incomplete. */
export class SecretMissing extends Error {
  override readonly name = 'SecretMissing';
}

const namespace = 'cloudemy';
const name = 'cloudemy-internal';

/** What is replaced when secrets are rotated; the former one is kept, and still taken, as `…-previous`. */
const rotated = ['service-token', 'result-token-secret', 'auth-secret'] as const;
/** With the password of the first account, which lives on in the database. */
const all = [...rotated, 'admin-password'] as const;

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
