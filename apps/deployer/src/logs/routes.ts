import type { LogOptions, LogRequest, jobsApi } from '@cloudemy/contracts';
import { pipeline } from 'node:stream/promises';
import { type Handlers, ProblemError, type StreamEvent, sendEvents, whenOver } from '@cloudemy/service';
import type { Request, Response } from 'express';
import { callerOf } from '../auth/caller.js';
import { Cursor, endCursor } from './cursor.js';
import type { LogChoice } from './log-choice.js';
import type { LogItem } from './log-item.js';
import type { Logs } from './logs.js';
import type { PlainLog } from './plain-log.js';

interface Context {
  req: Request;
  headers: { 'last-event-id'?: string | undefined };
  res: Response;
  signal: AbortSignal;
}

/** The log of a Job: as text, or followed as server-sent events. */
export function logHandlers(logs: Logs): Pick<Handlers<typeof jobsApi>, 'getJobLogs' | 'postJobLogs'> {
  return {
    getJobLogs: async ({ params, query, ...context }) => {
      const wantsEvents =
        context.req.get('accept')?.includes('text/event-stream') === true && !query.previous;
      const choice = choose(params.job_name, { ...query, follow: query.follow || wantsEvents }, 'query');
      return send(logs, choice, context);
    },
    postJobLogs: async ({ body, ...context }) => send(logs, choose(body.job_name, body, 'body'), context),
  };
}

async function send(logs: Logs, choice: LogChoice, { req, headers, res, signal }: Context) {
  const caller = callerOf(req, res);
  if (!choice.follow) {
    await sendText(await logs.read(caller, choice, signal), res, signal);
    return undefined;
  }
  const id = headers['last-event-id'];
  if (id === endCursor) return { status: 204 as const };
  // The reader may leave, and the answer may be ended for them when their right to it ends.
  const over = new AbortController();
  whenOver(res, () => over.abort());
  const items = logs.follow(caller, choice, readCursor(id), AbortSignal.any([signal, over.signal]));
  // A refusal comes in place of the first item, before the stream of events begins.
  await items.next();
  await sendEvents(res, eventsOf(items));
  return undefined;
}

async function* eventsOf(items: AsyncIterable<LogItem>): AsyncGenerator<StreamEvent> {
  for await (const item of items) {
    if (item.kind === 'open') continue;
    const id = item.kind === 'log' || item.kind === 'end' ? item.id : undefined;
    yield { event: item.kind, data: JSON.stringify(item.data), ...(id === undefined ? {} : { id }) };
  }
}

/** Sends a log, as fast as its reader takes it. */
async function sendText({ text, warning }: PlainLog, res: Response, signal: AbortSignal): Promise<void> {
  res.status(200).set({ 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' });
  // As the API server warns of what it answers.
  if (warning !== undefined) res.set('Warning', `299 - "${warning}"`);
  // Each step of the stream listens for its end, besides all that stands before a route.
  res.setMaxListeners(20);
  try {
    await pipeline(text, res, { signal });
  } catch (error) {
    // The reader has left: nobody is there to be told.
    if (!signal.aborted) throw error;
  }
}

function readCursor(id: string | undefined): Cursor | undefined {
  if (id === undefined) return undefined;
  const cursor = Cursor.decode(id);
  if (cursor !== undefined) return cursor;
  const reason = 'is not the id of an event of this log: leave it out to begin anew';
  throw new ProblemError('invalid_request', {
    detail: `header last-event-id ${reason}.`,
    errors: [{ in: 'header', path: 'last-event-id', reason }],
  });
}

function choose(jobName: string, options: LogOptions | LogRequest, from: LogChoice['from']): LogChoice {
  return {
    jobName,
    namespace: options.namespace,
    pod: options.pod,
    container: options.container,
    follow: options.follow,
    tail: options.tail,
    sinceSeconds: options.since_seconds,
    sinceTime: options.since_time,
    previous: options.previous,
    timestamps: options.timestamps,
    limitBytes: options.limit_bytes,
    allContainers: options.all_containers,
    prefix: options.prefix,
    from,
  };
}
