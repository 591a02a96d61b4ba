import { AccessRuleError, actorOf, forbidden, scopesOn } from '@cloudemy/auth';
import { Id, type RouteSpec, type UserRule } from '@cloudemy/contracts';
import { notFound } from '@cloudemy/service';
import type { RequestHandler } from 'express';
import type { Ownership } from './ownership.js';

/**
 * Holds requests to the objects that their makers reach: whatever the path names must be theirs, or of an assignment
 * of theirs, as the table says. What is not is answered like what does not exist.
 *
 * @param objects how to tell whose something is, by the parameter of the path that names it
 * @throws AccessRuleError when nothing tells it
 */
export function withinScope(
  { path }: RouteSpec,
  operationId: string,
  { may }: UserRule,
  objects: Readonly<Record<string, Ownership>>,
): RequestHandler[] {
  const narrow = Object.values(may).some((scopes) => !scopes.includes('any'));
  const parameter = /\{(\w+)\}/.exec(path)?.[1];
  if (!narrow || parameter === undefined) return [];
  const ownership = objects[parameter];
  if (ownership === undefined) {
    throw new AccessRuleError(`${operationId}: nothing tells to whom a ${parameter} belongs.`);
  }
  return [
    async (req, res, next) => {
      const scopes = scopesOn(res);
      // An id that is none is turned down by the contract, with what is wrong with it.
      const id = Id.safeParse(req.params[parameter]);
      if (!scopes.includes('any') && id.success) {
        const { userId } = actorOf(res);
        if (!(await ownership.of(id.data, userId, scopes))) {
          if ((await ownership.seen?.(id.data, userId)) !== true) throw notFound(ownership.kind, id.data);
          throw forbidden(
            `You see this ${ownership.kind}, but you may not do this to it. Ask your instructor.`,
          );
        }
      }
      next();
    },
  ];
}
