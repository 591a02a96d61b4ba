import type { Api, RouteInput, RouteReply, RouteSpec } from '@cloudemy/contracts';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import { ProblemError } from './problem-error.js';
import { type Operation, operationIs, operationOf } from './operation.js';
import { readerSignal } from './reader.js';
import { validate } from './validate.js';

export interface RouteContext<R extends RouteSpec> extends RouteInput<R> {
  req: Request;
  res: Response;
  /** Aborted when the client goes away before its answer. */
  signal: AbortSignal;
}

/** Answers with a reply, or with nothing when it has written to `res` itself (streams). */
export type RouteHandler<R extends RouteSpec> = (
  context: RouteContext<R>,
) => Promise<RouteReply<R> | undefined> | RouteReply<R> | undefined;

export type Handlers<A extends Api> = { [K in keyof A]: RouteHandler<A[K]> };

/** Middleware before a route's validation: body limits, readiness of stores. */
export type BeforeRoute = (route: RouteSpec, operationId: string) => RequestHandler[];

/**
 * What lets in those who may call a route, and nobody else. Comes first of all.
 *
 * @throws AccessRuleError when nothing says who may call it: the service must not start then
 */
export type Guard = (route: RouteSpec, operationId: string) => RequestHandler[];

/** Runs around the handler of a route, once its request was found valid: for what is to be said of each answer. */
export type AroundHandler = <T>(operation: Operation, work: () => Promise<T>) => Promise<T>;

/** A router that serves every operation of an API behind its guard; a missing handler does not compile. */
export function serveApi<A extends Api>(
  api: A,
  handlers: Handlers<A>,
  guard: Guard,
  before: BeforeRoute = () => [],
  around: AroundHandler = (_operation, work) => work(),
): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const methods = new Map<string, Set<string>>();
  for (const operationId of operationsOf(api)) {
    const route = api[operationId];
    const handler = handlers[operationId];
    if (route === undefined) continue;
    const path = route.path.replace(/\{(\w+)\}/g, ':$1');
    const first = [
      operationIs(String(operationId)),
      ...guard(route, String(operationId)),
      ...before(route, String(operationId)),
    ];
    router[route.method](path, ...first, (req, res) => answer(route, handler, around, req, res));
    methods.set(path, (methods.get(path) ?? new Set()).add(route.method.toUpperCase()));
  }
  for (const [path, allowed] of methods) router.all(path, methodNotAllowed(allowed));
  return router;
}

/** Operation ids, paths without parameters first: `/submissions/claim` must not be read as an id. */
function operationsOf<A extends Api>(api: A): (keyof A)[] {
  const hasParameter = (key: keyof A): number => (api[key]?.path.includes('{') === true ? 1 : 0);
  const keys: (keyof A)[] = Object.keys(api);
  return keys.toSorted((a, b) => hasParameter(a) - hasParameter(b));
}

async function answer<R extends RouteSpec>(
  route: R,
  handler: RouteHandler<R>,
  around: AroundHandler,
  req: Request,
  res: Response,
) {
  // Answers carry nothing to compare: express would call `If-None-Match: *` fresh and answer 304 without a body.
  delete req.headers['if-none-match'];
  const signal = readerSignal(res);
  // The reader left while the guard found out who it was: nobody would read what is only to be read.
  if (signal.aborted && route.method === 'get') return;
  const input = validate(route, req);
  const operation = operationOf(res);
  const work = async () => handler({ ...input, req, res, signal });
  const reply = await (operation === undefined ? work() : around(operation, work));
  if (reply === undefined || res.headersSent) return;
  res.status(reply.status).set(reply.headers ?? {});
  if (reply.body === undefined) {
    res.end();
    return;
  }
  const contentType = route.responses[reply.status]?.contentType;
  if (contentType === undefined) res.json(reply.body);
  else res.type(contentType).send(reply.body);
}

function methodNotAllowed(allowed: ReadonlySet<string>): RequestHandler {
  const allow = [...allowed, ...(allowed.has('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  return (req, res) => {
    if (req.method === 'OPTIONS') {
      res.set('Allow', allow).status(204).end();
      return;
    }
    throw new ProblemError('method_not_allowed', {
      detail: `${req.method} does not exist here. Use ${allow}.`,
      headers: { Allow: allow },
    });
  };
}
