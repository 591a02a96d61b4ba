import type { AuditTable } from '@cloudemy/contracts';
import {
  type AroundHandler,
  type Operation,
  type ProblemError,
  type ProblemListener,
  requestIdOf,
} from '@cloudemy/service';
import type { Response } from 'express';
import { isNarrow, knownActor } from '../actor/actor.js';
import type { AuditTrail, Completion, Happening } from './trail.js';

/** What only a handler knows of what it does. */
export interface Told extends Partial<
  Pick<Happening, 'user_id' | 'object_kind' | 'object_id' | 'namespace' | 'detail'>
> {
  /** Whether the request was refused for want of a right, however it is answered. */
  refused?: boolean;
}

const told = new WeakMap<Response, Told>();
const begun = new WeakMap<Response, (completion: Completion) => Promise<void>>();

/** Adds to the record of the request that this answers. Never secrets, never code. */
export function tellAudit(res: Response, more: Told): void {
  told.set(res, { ...told.get(res), ...more });
}

export interface RequestAudit {
  around: AroundHandler;
  onProblem: ProblemListener;
}

/**
 * Puts requests on record as the table of a service says, and whatever is refused.
 *
 * @param signIns operations that take credentials in their body: wrong ones are recorded
 */
export function requestAudit(
  trail: AuditTrail,
  rules: AuditTable,
  signIns: ReadonlySet<string> = new Set(),
): RequestAudit {
  return {
    around: async (operation, work) => {
      const rule = rules[operation.id];
      if (rule === undefined || 'exempt' in rule || rule.audit === 'by_service') return work();
      const { res } = operation;
      if (rule.audit === 'before') {
        const complete = await trail.begin(happeningOf(operation));
        begun.set(res, complete);
        const reply = await work();
        begun.delete(res);
        await complete({ ...happeningOf(operation, reply), outcome: 'succeeded' });
        return reply;
      }
      const reply = await work();
      if (rule.audit === 'after' || told.has(res)) trail.note(happeningOf(operation, reply));
      return reply;
    },
    onProblem: (problem, operation) => {
      const refused = isRefusal(problem, operation, signIns);
      const outcome = refused ? ('refused' as const) : ('failed' as const);
      const what = happeningOf(operation);
      // Where neither path nor form names an object, the sentence says which of a text was the matter.
      const detail = what.user_id === null || what.object_id !== undefined ? {} : { detail: problem.message };
      const happening = { ...detail, ...what, outcome, reason: problem.code };
      const complete = begun.get(operation.res);
      if (complete !== undefined) void complete(happening);
      else if (refused) trail.refuse(happening);
    },
  };
}

/** Answers that say that somebody may not do what they tried. */
const refusals: ReadonlySet<string> = new Set([
  'forbidden',
  'namespace_not_served',
  'object_conflict',
  'reauthentication_required',
]);

/** Answers to credentials that are wrong, or were tried too often. */
const wrongCredentials: ReadonlySet<string> = new Set(['unauthenticated', 'rate_limited']);

function isRefusal({ code }: ProblemError, { id, res }: Operation, signIns: ReadonlySet<string>): boolean {
  if (told.get(res)?.refused === true) return true;
  if (signIns.has(id)) return refusals.has(code) || wrongCredentials.has(code);
  if (knownActor(res) === undefined) return false;
  // What belongs to others is answered like what does not exist, to whoever does not reach everything.
  return refusals.has(code) || code === 'unauthenticated' || (code === 'not_found' && isNarrow(res));
}

function happeningOf(operation: Operation, reply?: unknown): Happening {
  const { id, req, res } = operation;
  const { refused: _, ...more } = told.get(res) ?? {};
  return {
    event: id,
    user_id: knownActor(res)?.userId ?? null,
    address: req.ip ?? null,
    request_id: requestIdOf(res),
    ...objectOf(operation),
    ...createdIn(reply),
    ...more,
  };
}

/** What a request is about: what its path names last, or the Job that its body names. */
function objectOf({ params, req }: Operation): Partial<Happening> {
  const [name, value] = Object.entries(params).at(-1) ?? [];
  const namespace = textIn(req.query, 'namespace') ?? textIn(req.body, 'namespace');
  const where = namespace === undefined ? {} : { namespace };
  if (name === undefined || typeof value !== 'string') {
    const job = textIn(req.body, 'job_name');
    return job === undefined ? where : { ...where, ...jobNamed(job) };
  }
  if (name === 'job_name') return { ...where, ...jobNamed(value) };
  return { ...where, object_kind: name.replace(/_id$/, ''), object_id: withoutKey(name, value) };
}

const jobNamed = (name: string) => ({ object_kind: 'job', object_id: name, job_name: name });

/** While nobody signs in the id of a terminal opens its door. */
const withoutKey = (name: string, value: string): string =>
  name === 'session_id' ? value.slice(0, 8) : value;

/** What was created, by the `Location` of the answer. */
function createdIn(reply: unknown): Partial<Happening> {
  const headers: unknown = typeof reply === 'object' && reply !== null && 'headers' in reply && reply.headers;
  const [, kinds, id] = /^\/(\w+)s\/([\w-]+)$/.exec(textIn(headers, 'Location') ?? '') ?? [];
  return kinds === undefined || id === undefined ? {} : { object_kind: kinds, object_id: id };
}

function textIn(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found: unknown = Reflect.get(value, name);
  return typeof found === 'string' ? found : undefined;
}
