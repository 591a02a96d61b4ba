import { format } from 'node:util';
import type { Logger } from './logger.js';

/** Has what libraries print, such as BullMQ's word about Redis, come out as lines of the log, which machines read. */
export function logConsole(log: Logger): void {
  const as =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (...said: unknown[]): void => {
      log[level]({ printed: format(...said) }, 'a library printed');
    };
  Object.assign(console, {
    debug: as('debug'),
    info: as('info'),
    log: as('info'),
    warn: as('warn'),
    error: as('error'),
  });
}
