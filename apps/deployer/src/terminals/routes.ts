import type { terminalsApi } from '@cloudemy/contracts';
import type { Handlers } from '@cloudemy/service';
import type { Authenticate } from '@cloudemy/auth';
import type { Request, Response } from 'express';
import { type Caller, callerOf } from '../auth/caller.js';
import { cutPage, decodeCursor } from '@cloudemy/mongo';
import { type TerminalGateway, upgradeRequired } from './gateway.js';
import { type OpenSession, viewSession } from './open-session.js';
import { Right } from './right.js';
import type { Terminals } from './terminals.js';
import type { Tickets } from './tickets.js';
import { websocketUrl } from './websocket-url.js';

export interface TerminalRouteParts {
  terminals: Terminals;
  gateway: TerminalGateway;
  authenticate: Authenticate;
  /** Undefined where nobody signs in: connections need no ticket then. */
  tickets: Tickets | undefined;
  publicUrl: string | undefined;
}

interface OpenOptions {
  namespace: string;
  pod_name?: string | undefined;
  container_name?: string | undefined;
  shell?: string | undefined;
}

/** `/jobs/{job_name}/terminal` and `/terminal/…` */
export function terminalHandlers(parts: TerminalRouteParts): Handlers<typeof terminalsApi> {
  const { terminals, gateway, authenticate, tickets, publicUrl } = parts;
  const view = (req: Request, session: OpenSession, ticket?: string) =>
    viewSession(session, websocketUrl(req, session.id, publicUrl, ticket));
  const rightOf = (caller: Caller, req: Request): Right => {
    const credentials = req.get('authorization');
    return new Right(caller, () => authenticate(credentials));
  };
  const issue = (session: OpenSession, { actor }: Caller, req: Request) =>
    tickets?.issue({ sessionId: session.id, userId: actor.userId, origin: req.get('origin') ?? null });
  const open = async (
    { req, res, signal }: { req: Request; res: Response; signal: AbortSignal },
    jobName: string,
    options: OpenOptions,
  ) => {
    const caller = callerOf(req, res);
    const wanted = {
      jobName,
      namespace: options.namespace,
      podName: options.pod_name,
      containerName: options.container_name,
      shell: options.shell,
    };
    const session = await terminals.open(caller, rightOf(caller, req), wanted, signal);
    const issued = await issue(session, caller, req);
    return { status: 201 as const, body: view(req, session, issued?.ticket) };
  };
  return {
    openJobTerminal: ({ params, query, ...context }) => open(context, params.job_name, query),
    createTerminal: ({ body, ...context }) => open(context, body.job_name, body),
    createTerminalTicket: async ({ req, res, params }) => {
      const caller = callerOf(req, res);
      const session = terminals.get(caller, params.session_id);
      const right = rightOf(caller, req);
      session.rights.set(right.userId, right);
      if (session.visitor?.userId === right.userId) session.visitor = right;
      const issued = await issue(session, caller, req);
      const url = websocketUrl(req, session.id, publicUrl, issued?.ticket);
      const expiresAt = issued?.expiresAt.toISOString() ?? null;
      return { status: 201, body: { websocket_url: url, expires_at: expiresAt } };
    },
    listTerminals: ({ req, res, query }) => {
      const { job_name, namespace, limit, cursor } = query;
      const filters = { job_name, namespace };
      const after = decodeCursor(listName, filters, cursor)?.toHexString();
      const rows = terminals
        .list(callerOf(req, res), { jobName: job_name, namespace })
        .map((session) => ({ _id: session.order, session }))
        .filter(({ _id }) => after === undefined || _id.toHexString() < after);
      const page = cutPage(rows.slice(0, limit + 1), limit, listName, filters, (row) =>
        view(req, row.session),
      );
      return { status: 200 as const, body: page };
    },
    endTerminal: ({ req, res, params }) => {
      const session = terminals.get(callerOf(req, res), params.session_id);
      terminals.end(session);
      return { status: 200 as const, body: endedAnswer([session]) };
    },
    endJobTerminals: ({ req, res, params, query }) => {
      const sessions = terminals.list(callerOf(req, res), {
        jobName: params.job_name,
        namespace: query.namespace,
      });
      for (const session of sessions) terminals.end(session);
      return { status: 200 as const, body: endedAnswer(sessions) };
    },
    // A handshake that is in order was upgraded and never comes here.
    connectTerminal: ({ req }) => {
      gateway.check(req);
      throw upgradeRequired();
    },
  };
}

const listName = 'terminals';

function endedAnswer(sessions: readonly OpenSession[]): { ended: string[]; message: string } {
  const ended = sessions.map(({ id }) => id);
  const [only, ...others] = sessions;
  if (only === undefined) return { ended, message: 'There was no terminal to end.' };
  const message =
    others.length === 0
      ? `The terminal in the pod ${only.target.podName} was ended.`
      : `${sessions.length} terminals were ended.`;
  return { ended, message };
}
