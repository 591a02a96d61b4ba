import type { RequestHandler, Response } from 'express';
import { isProbe } from './probes.js';
import type { Logger } from '../log/logger.js';

const users = new WeakMap<Response, string>();

/** Says whose request this answers, for its line in the log. */
export function noteUser(res: Response, userId: string): void {
  users.set(res, userId);
}

/**
 * A line per answered request; probes only when they fail. Never the query: it can hold tickets.
 *
 * @param shown what of a path is shown: where knowing a part of it opens a door, that part is left out
 */
export function accessLog(log: Logger, shown: (path: string) => string = (path) => path): RequestHandler {
  return (req, res, next) => {
    const started = process.hrtime.bigint();
    const { method } = req;
    const path = shown(req.originalUrl.split('?', 1)[0] ?? '');
    res.once('close', () => {
      const ms = Number(process.hrtime.bigint() - started) / 1e6;
      const user = users.get(res);
      const line = {
        method,
        path,
        status: res.statusCode,
        ms: Math.round(ms * 100) / 100,
        ...(user === undefined ? {} : { user_id: user }),
      };
      const quiet = res.statusCode < 400 && isProbe(path);
      log[quiet ? 'debug' : 'info'](
        line,
        res.writableFinished ? 'request completed' : 'request aborted by the client',
      );
    });
    next();
  };
}
