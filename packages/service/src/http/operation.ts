import type { Request, RequestHandler, Response } from 'express';

/** The operation of an API that a request asks for. */
export interface Operation {
  readonly id: string;
  /** The parameters of its path, as they came. */
  readonly params: Readonly<Record<string, string | string[] | undefined>>;
  readonly req: Request;
  readonly res: Response;
}

const operations = new WeakMap<Response, Operation>();

/** Notes which operation a request asks for: what goes wrong later is told apart by it. */
export function operationIs(id: string): RequestHandler {
  return (req, res, next) => {
    operations.set(res, { id, params: req.params, req, res });
    next();
  };
}

/** The operation that this answers; undefined where none was found. */
export const operationOf = (res: Response): Operation | undefined => operations.get(res);
