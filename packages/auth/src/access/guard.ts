import { type AccessTable, type RouteSpec, type UserRule, scopesOf } from '@cloudemy/contracts';
import { type Guard, ProblemError, whenOver } from '@cloudemy/service';
import type { RequestHandler, Response } from 'express';
import { type Actor, admit, identify } from '../actor/actor.js';
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
  /** Milliseconds between two looks whether whoever reads a stream still may; 5,000 when left out. */
  lookMs?: number;
}

const routeAuth = { anyone: 'public', service: 'service', 'result-token': 'result-token', users: 'user' };

/** The one place where it is decided who may call a route: what the table says, and nothing that it does not. */
export function createGuard(parts: GuardParts): Guard {
  const { table, gates = {}, first = [], admitted } = parts;
  return (route, operationId) => {
    const rule = Object.hasOwn(table, operationId) ? table[operationId] : undefined;
    if (rule === undefined || routeAuth[rule.who] !== route.auth) {
      throw new AccessRuleError(
        `${operationId} (${route.method} ${route.path}) needs a row in the authorisation table that fits its auth.`,
      );
    }
    if (rule.who === 'anyone') return [...first];
    if (rule.who === 'users') {
      return [...first, letIn(rule, parts), ...(admitted?.(route, operationId, rule) ?? [])];
    }
    const gate = gates[rule.who];
    if (gate === undefined)
      throw new AccessRuleError(`${operationId}: this service has no ${rule.who} gate.`);
    return [gate];
  };
}

/** Lets users in by their roles, and by the scopes of the API key they use. */
function letIn(rule: UserRule, { authenticate, lookMs = 5_000 }: GuardParts): RequestHandler {
  return async (req, res, next) => {
    const credentials = req.get('authorization');
    // What persons alone may do changes accounts: not with rights of some seconds ago.
    const actor = await authenticate(credentials, rule.key === 'none', req.ip);
    identify(res, actor);
    const scopes = assertMay(actor, rule);
    admit(res, { actor, scopes });
    if (actor.expiresAt !== undefined) {
      const stillMay = () => holds(async () => assertMay(await authenticate(credentials), rule));
      cutStreamWithRight(res, { expiresAt: actor.expiresAt, stillMay, lookMs });
    }
    next();
  };
}

/**
 * @returns on whose objects the actor may do what the rule is about
 * @throws ProblemError `forbidden`
 */
export function assertMay(actor: Actor, rule: UserRule) {
  const scopes = scopesOf(rule, actor.roles);
  if (scopes.length === 0) throw roleMissing(rolesOf(rule));
  if (!hasScope(actor, rule.key)) throw keyTooNarrow(rule.key);
  return scopes;
}

const rolesOf = ({ may }: UserRule) =>
  (['student', 'instructor', 'runner-operator', 'admin'] as const).filter((role) => may[role] !== undefined);

/** The longest a timer can wait: about 24 days. */
const maxTimerMs = 2_147_483_647;

interface StreamRight {
  expiresAt: Date;
  /** Whether the same credentials would be let in once more. */
  stillMay: () => Promise<boolean>;
  lookMs: number;
}

/**
 * A stream ends with the right to read it: when that expires, and soon after it was taken away. Its reader comes back
 * with fresh credentials and continues where it was.
 */
function cutStreamWithRight(res: Response, { expiresAt, stillMay, lookMs }: StreamRight): void {
  const isStream = () => String(res.getHeader('content-type')).startsWith('text/event-stream');
  const end = (): void => {
    if (isStream()) res.end();
  };
  const left = Math.min(Math.max(expiresAt.getTime() - Date.now(), 0), maxTimerMs);
  const expiry = setTimeout(end, left).unref();
  const looking = setInterval(() => {
    if (!isStream()) return;
    void stillMay().then((may) => {
      if (!may) end();
    });
  }, lookMs).unref();
  whenOver(res, () => {
    clearTimeout(expiry);
    clearInterval(looking);
  });
}

/** Whether a right is still given. An outage takes none away. */
async function holds(look: () => Promise<unknown>): Promise<boolean> {
  try {
    await look();
    return true;
  } catch (error) {
    return !(error instanceof ProblemError && (error.status === 401 || error.status === 403));
  }
}
