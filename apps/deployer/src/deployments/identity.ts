import { createHash } from 'node:crypto';
import type { ObjectReport } from '@cloudemy/contracts';
import type { StoredObject } from './model.js';

/** What makes an object the same one when its YAML is sent again. */
export interface ObjectIdentity {
  apiVersion: string;
  kind: string;
  name: string | undefined;
  generateName: string | undefined;
}

/** `group/Kind/name`. Versions of a group show the same objects, so the version is left out. */
export function objectKey({ apiVersion, kind, name, generateName }: ObjectIdentity): string {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  // No name can hold an asterisk: the two forms never meet.
  return `${group}/${kind}/${isGiven(name) ? name : `${generateName ?? ''}*`}`;
}

/**
 * The fingerprint of a set of objects: the same whatever is in them, in whatever order, and however many were made
 * under a generated name.
 */
export function fingerprintOf(keys: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([...new Set(keys)].sort()))
    .digest('hex');
}

/**
 * What no other live deployment may hold. Generated names are new each time and claim nothing.
 *
 * @param id the deployment's own: a unique index takes two empty lists for the same
 */
export function claimsOf(id: string, namespace: string, keys: readonly string[]): string[] {
  const named = keys.filter((key) => !key.endsWith('*')).map((key) => `${namespace}/${key}`);
  return named.length === 0 ? [id] : named;
}

/** An empty name counts as none, as it does to the API server. */
export const isGiven = (name: string | undefined | null): name is string =>
  name !== undefined && name !== null && name !== '';

/** How answers name an object of the inventory. */
export function objectReference(
  namespace: string,
  { api_version, kind, name, uid, document }: StoredObject,
): Omit<ObjectReport, 'result' | 'message' | 'warnings'> {
  return { api_version, kind, name, namespace, uid, document };
}
