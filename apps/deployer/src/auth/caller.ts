import { type Actor, actorOf, scopesOn } from '@cloudemy/auth';
import type { AccessScope } from '@cloudemy/contracts';
import type { Request, Response } from 'express';

/** A user, and on whose objects they may work. */
export interface Scope {
  readonly actor: Actor;
  /** The user whose objects alone are seen; undefined for everybody's. */
  readonly owner: string | undefined;
}

/** Who makes a request. */
export interface Caller extends Scope {
  /** Address of the client, through trusted proxies. */
  readonly address: string;
}

/** @param reach as the authorisation table gives it for a route */
export function scopeOf(actor: Actor, scopes: readonly AccessScope[]): Scope {
  return { actor, owner: scopes.includes('any') ? undefined : actor.userId };
}

/**
 * The caller of a request that a guard has let in.
 *
 * @throws ProblemError `unauthenticated` when none has
 */
export function callerOf(req: Request, res: Response): Caller {
  return { ...scopeOf(actorOf(res), scopesOn(res)), address: req.ip ?? '' };
}

/** Whether what belongs to this user is in the scope of a caller. */
export const isInScope = ({ owner }: Scope, userId: string): boolean =>
  owner === undefined || owner === userId;
