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

/** 256 bits, as text. */
const random = (): string => randomBytes(32).toString('base64url');

/**
 * What the services prove themselves to each other with. Rotating keeps the former signing secret, which the backend
 * still accepts, so that results under way are not refused.
 *
 * @throws SecretMissing
 */
export async function internalSecret(objects: ClusterObjects, mode: SecretMode): Promise<Secret> {
  const present = valuesOf(await objects.read(secretOf(namespace, name, {})));
  const service = present['service-token'];
  const signing = present['result-token-secret'];
  if (mode === 'external' && (service === undefined || signing === undefined)) {
    throw new SecretMissing(
      `The Secret ${namespace}/${name} must hold service-token (16 characters or more) and result-token-secret ` +
        '(32 or more). Make it, or leave --secrets external out to have it made.',
    );
  }
  if (mode === 'rotate' && signing !== undefined) {
    return secretOf(namespace, name, {
      'service-token': random(),
      'result-token-secret': random(),
      'result-token-secret-previous': signing,
    });
  }
  return secretOf(namespace, name, {
    ...present,
    'service-token': service ?? random(),
    'result-token-secret': signing ?? random(),
  });
}
