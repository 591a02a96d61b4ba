import type { Role } from '@cloudemy/contracts';
import { ProblemError } from '@cloudemy/service';
import type { RequestHandler, Response } from 'express';

/** Who a request is made by. */
export interface Actor {
  readonly userId: string;
  readonly role: Role;
}

/** Who everybody is while authentication is off. The fixed id keeps what they own theirs over restarts. */
export const localAdmin = {
  userId: '000000000000000000000001',
  role: 'admin',
  email: 'local@cloudemy.local',
  displayName: 'Local administrator',
} as const satisfies Actor & { email: string; displayName: string };

const actors = new WeakMap<Response, Actor>();

/** With `AUTH_MODE=off` everyone who reaches the service is its administrator. */
export const authenticateAsLocalAdmin: RequestHandler = (_req, res, next) => {
  actors.set(res, localAdmin);
  next();
};

/**
 * The actor of the request this answers.
 *
 * @throws ProblemError `unauthenticated` when nothing authenticated the request
 */
export function actorOf(res: Response): Actor {
  const actor = actors.get(res);
  if (actor === undefined) throw new ProblemError('unauthenticated', { detail: 'Sign in first.' });
  return actor;
}

/** Who makes a transition, as the history says it. */
export type ActorName = `user:${string}` | 'scheduler' | 'runner' | 'backend' | 'operator';

export const actorName = ({ userId }: Actor): ActorName => `user:${userId}`;
