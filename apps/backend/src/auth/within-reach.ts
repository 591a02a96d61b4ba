import { AccessRuleError, actorOf, reachOn } from '@cloudemy/auth';
import { Id, type RouteSpec, type UserRule } from '@cloudemy/contracts';
import { notFound } from '@cloudemy/service';
import type { RequestHandler } from 'express';
import type { Belonging } from './belongings.js';

/**
 * Holds requests to the objects that their makers reach: whatever the path names must be theirs, or of an assignment
 * of theirs, as the table says. What is not is answered like what does not exist.
 *
 * @param objects how to tell whose something is, by the parameter of the path that names it
 * @throws AccessRuleError when nothing tells it
 */
export function withinReach(
  { path }: RouteSpec,
  operationId: string,
  { may }: UserRule,
  objects: Readonly<Record<string, Belonging>>,
): RequestHandler[] {
  const narrow = Object.values(may).some((reach) => !reach.includes('any'));
  const parameter = /\{(\w+)\}/.exec(path)?.[1];
  if (!narrow || parameter === undefined) return [];
  const belonging = objects[parameter];
  if (belonging === undefined) {
    throw new AccessRuleError(`${operationId}: nothing tells to whom a ${parameter} belongs.`);
  }
  return [
    async (req, res, next) => {
      const reach = reachOn(res);
      // An id that is none is turned down by the contract, with what is wrong with it.
      const id = Id.safeParse(req.params[parameter]);
      if (!reach.includes('any') && id.success) {
        const found = await belonging.of(id.data, actorOf(res).userId, reach);
        if (!found) throw notFound(belonging.kind, id.data);
      }
      next();
    },
  ];
}
