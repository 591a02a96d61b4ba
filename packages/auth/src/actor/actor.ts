import type { KeyScope, AccessScope, Role } from '@cloudemy/contracts';
import { noteUser } from '@cloudemy/service';
import type { Response } from 'express';
import { notSignedIn } from './problems.js';

/** What an external issuer says of a user. */
export interface ExternalProfile {
  readonly issuer: string;
  /** One that the issuer has verified. */
  readonly email?: string;
  readonly name?: string;
}

/** Who a request is made by. */
export interface Actor {
  readonly userId: string;
  readonly roles: readonly Role[];
  /** What the API key is good for that the request was made with; absent for a person. */
  readonly keyScopes?: readonly KeyScope[];
  /** Of the key, or of the session: what ends with it. */
  readonly apiKeyId?: string;
  readonly sessionId?: string;
  /** When a user of an external issuer last proved who they are, as far as it says so. */
  readonly signedInAt?: Date;
  /** Until then the right holds; what lasts longer has to be looked at again. Absent while authentication is off. */
  readonly expiresAt?: Date;
  /** Of users who sign in at an external issuer. */
  readonly profile?: ExternalProfile;
}

/** Who everybody is while authentication is off. The fixed id keeps what they own theirs over restarts. */
export const localAdmin = {
  userId: '000000000000000000000001',
  roles: ['admin'],
} as const satisfies Actor;

/** Who makes a request, and on whose objects its route lets them work. Routes hand it on; nothing else knows of a response. */
export interface Caller {
  readonly actor: Actor;
  readonly scopes: readonly AccessScope[];
}

const callers = new WeakMap<Response, Caller>();

const known = new WeakMap<Response, Actor>();

/** Notes who asks, whether or not they will be let in. For guards. */
export function identify(res: Response, actor: Actor): void {
  known.set(res, actor);
  noteUser(res, actor.userId);
}

/** Who asks, as far as it is known; they may have been refused. */
export const knownActor = (res: Response): Actor | undefined => known.get(res);

/** Notes who was let in. For guards. */
export function admit(res: Response, caller: Caller): void {
  callers.set(res, caller);
  identify(res, caller.actor);
}

/** Whether who was let in reaches their own objects only, or those of their assignments. */
export const isNarrow = (res: Response): boolean => callers.get(res)?.scopes.includes('any') === false;

/**
 * Who makes the request that this answers, and on whose objects the route lets them work.
 *
 * @throws ProblemError `unauthenticated` when no guard has let anybody in
 */
export function callerOf(res: Response): Caller {
  const caller = callers.get(res);
  if (caller === undefined) throw notSignedIn();
  return caller;
}

/**
 * Who makes the request that this answers.
 *
 * @throws ProblemError `unauthenticated` when no guard has let anybody in
 */
export const actorOf = (res: Response): Actor => callerOf(res).actor;

/**
 * On whose objects the route lets them work.
 *
 * @throws ProblemError `unauthenticated` when no guard has let anybody in
 */
export const scopesOn = (res: Response): readonly AccessScope[] => callerOf(res).scopes;
