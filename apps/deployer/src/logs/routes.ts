import type { LogOptions, LogRequest, jobsApi } from '@cloudemy/contracts';
import { type Handlers, ProblemError } from '@cloudemy/service';
import type { Request, Response } from 'express';
import { callerOf } from '../auth/caller.js';
import type { Jobs } from '../jobs/jobs.js';
import { Cursor, endCursor } from './cursor.js';
import type { LogChoice } from './log-choice.js';
import type { Logs } from './logs.js';

interface Context {
  req: Request;
  headers: { 'last-event-id'?: string | undefined };
  res: Response;
  signal: AbortSignal;
}

export function jobHandlers(jobs: Jobs, logs: Logs): Handlers<typeof jobsApi> {
  return {
    getJobStatus: async ({ req, res, params, query, signal }) => ({
      status: 200,
      body: await jobs.status(callerOf(req, res), query.namespace, params.job_name, signal),
    }),
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
    await logs.sendPlain(caller, choice, res, signal);
    return undefined;
  }
  const id = headers['last-event-id'];
  if (id === endCursor) return { status: 204 as const };
  await logs.sendFollowed(caller, choice, readCursor(id), res, signal);
  return undefined;
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
