import { type AccessTable, type RouteSpec, type UserRule, reachOf } from '@cloudemy/contracts';
import type { Guard } from '@cloudemy/service';
import type { RequestHandler, Response } from 'express';
import { type Actor, admit } from '../actor/actor.js';
import { keyTooNarrow, roleMissing } from '../actor/problems.js';
import { type Authenticate, hasScope } from './authenticate.js';

/** The table does not say who may call a route, or says something else than the route: a fault of the program. */
export class AccessRuleError extends Error {
  override readonly name = 'AccessRuleError';
}

export interface GuardParts {
  table: AccessTable;
  authenticate: Authenticate;
  /** What lets the other services and the runner in; absent where a service has no such routes. */
  gates?: Partial<Record<'service' | 'result-token', RequestHandler>>;
  /** Runs before anything is known about who calls: rate limits by address. Not for services and runners. */
  first?: readonly RequestHandler[];
  /** Runs for each user who was let in: rate limits, whose object the path names. */
  admitted?: (route: RouteSpec, operationId: string, rule: UserRule) => RequestHandler[];
}

const routeAuth = { anyone: 'public', service: 'service', 'result-token': 'result-token', users: 'user' };

/** The one place where it is decided who may call a route: what the table says, and nothing that it does not. */
export function createGuard({ table, authenticate, gates = {}, first = [], admitted }: GuardParts): Guard {
  return (route, operationId) => {
    const rule = Object.hasOwn(table, operationId) ? table[operationId] : undefined;
    if (rule === undefined || routeAuth[rule.who] !== route.auth) {
      throw new AccessRuleError(
        `${operationId} (${route.method} ${route.path}) needs a row in the authorisation table that fits its auth.`,
      );
    }
    if (rule.who === 'anyone') return [...first];
    if (rule.who === 'users') {
      return [...first, letIn(rule, authenticate), ...(admitted?.(route, operationId, rule) ?? [])];
    }
    const gate = gates[rule.who];
    if (gate === undefined)
      throw new AccessRuleError(`${operationId}: this service has no ${rule.who} gate.`);
    return [gate];
  };
}

/** Lets users in by their roles, and by the scopes of the API key they use. */
function letIn(rule: UserRule, authenticate: Authenticate): RequestHandler {
  return async (req, res, next) => {
    const actor = await authenticate(req.get('authorization'));
    const reach = assertMay(actor, rule);
    admit(res, { actor, reach });
    if (actor.expiresAt !== undefined) cutStreamAt(res, actor.expiresAt);
    next();
  };
}

/**
 * @returns on whose objects the actor may do what the rule is about
 * @throws ProblemError `forbidden`
 */
export function assertMay(actor: Actor, rule: UserRule) {
  const reach = reachOf(rule, actor.roles);
  if (reach.length === 0) throw roleMissing(rolesOf(rule));
  if (!hasScope(actor, rule.key)) throw keyTooNarrow(rule.key);
  return reach;
}

const rolesOf = ({ may }: UserRule) =>
  (['student', 'instructor', 'runner-operator', 'admin'] as const).filter((role) => may[role] !== undefined);

/** The longest a timer can wait: about 24 days. */
const maxTimerMs = 2_147_483_647;

/** A stream ends with the right to read it; its reader comes back with a fresh token and goes on where it was. */
function cutStreamAt(res: Response, expiresAt: Date): void {
  const timer = setTimeout(
    () => {
      if (String(res.getHeader('content-type')).startsWith('text/event-stream')) res.end();
    },
    Math.min(Math.max(expiresAt.getTime() - Date.now(), 0), maxTimerMs),
  ).unref();
  res.once('close', () => {
    clearTimeout(timer);
  });
}
