import { z } from 'zod';
import type { Role } from '../users.js';

/**
 * On whose objects something may be done: those that belong to the caller (`own`), those that belong to an
 * assignment of the caller (`assignment`), those of courses that the caller is in (`member`), helps in (`staff`) or
 * teaches (`teacher`), or everybody's (`any`).
 */
export type AccessScope = 'own' | 'assignment' | 'member' | 'staff' | 'teacher' | 'any';

/** What an API key can be good for; it never reaches further than the user who made it. */
export const KeyScope = z
  .enum(['grading:read', 'grading:write', 'benchmarks:read', 'benchmarks:write', 'terminals'])
  .meta({ id: 'KeyScope' });
export type KeyScope = z.output<typeof KeyScope>;

/** A route for signed-in users. */
export interface UserRule {
  readonly who: 'users';
  /** What an API key must be good for; `any` lets every key in, `none` wants the person. */
  readonly key: KeyScope | 'any' | 'none';
  readonly may: Readonly<Partial<Record<Role, readonly AccessScope[]>>>;
}

/** Who may call a route: anyone, a service or a runner by a token of their own, or users by their roles. */
export type AccessRule = { readonly who: 'anyone' | 'service' | 'result-token' } | UserRule;

/** Rules by operation id. */
export type AccessTable = Readonly<Record<string, AccessRule>>;

export const anyone = { who: 'anyone' } as const satisfies AccessRule;
/** By `INTERNAL_SERVICE_TOKEN`. */
export const services = { who: 'service' } as const satisfies AccessRule;
/** By the `X-Result-Token` of its own attempt. */
export const runner = { who: 'result-token' } as const satisfies AccessRule;

export const users = (key: UserRule['key'], may: UserRule['may']): UserRule => ({ who: 'users', key, may });

/** As far as these roles reach together; empty when they may not at all. */
export function scopesOf({ may }: UserRule, roles: readonly Role[]): readonly AccessScope[] {
  return [...new Set(roles.flatMap((role) => may[role] ?? []))];
}
