import { type AccessTable, type KeyScope, type AccessScope, type Role, scopesOf } from '@cloudemy/contracts';
import type { Json } from '../document/document.js';

/** Somebody who makes requests. */
export interface Person {
  /** For findings. */
  name: string;
  /** An access token or an API key; a bad one for who is nobody. */
  token: string;
  userId: string;
  /** None for who shows a bad token. */
  roles: readonly Role[];
  /** Of an API key. */
  keyScopes?: readonly KeyScope[];
}

/**
 * On whose objects the table lets somebody do this; undefined when it is not for users to decide.
 *
 * @param person undefined for who shows nothing
 */
export function scopesIn(
  table: AccessTable,
  operationId: string,
  person: Person | undefined,
): readonly AccessScope[] | undefined {
  const rule = Object.hasOwn(table, operationId) ? table[operationId] : undefined;
  if (rule?.who !== 'users') return undefined;
  if (person === undefined) return [];
  const { keyScopes } = person;
  const fits =
    keyScopes === undefined || rule.key === 'any' || (rule.key !== 'none' && keyScopes.includes(rule.key));
  return fits ? scopesOf(rule, person.roles) : [];
}

/** Fields of answers that say whose something is. */
const owners = new Set(['owner', 'owner_id', 'user_id']);

/** Whose the objects in an answer are. */
export function ownersIn(answer: unknown): string[] {
  if (Array.isArray(answer)) return answer.flatMap((item) => ownersIn(item));
  if (typeof answer !== 'object' || answer === null) return [];
  const fields: Json = { ...answer };
  return Object.entries(fields).flatMap(([name, value]) =>
    owners.has(name) && typeof value === 'string' ? [value] : ownersIn(value),
  );
}
