import { AsyncLocalStorage } from 'node:async_hooks';

/** Ids carried through everything done for one request, queue message or callback. */
export interface LogContext {
  request_id?: string;
  submission_id?: string;
  attempt?: number;
  trace_id?: string;
}

const storage = new AsyncLocalStorage<LogContext>();

/** Runs `work` so that its log lines, and those of all it calls, carry these ids besides the outer ones. */
export function withLogContext<T>(context: LogContext, work: () => T): T {
  return storage.run({ ...storage.getStore(), ...context }, work);
}

/** The ids in force; empty outside of any. */
export function logContext(): LogContext {
  return storage.getStore() ?? {};
}
