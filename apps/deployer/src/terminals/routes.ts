import type { terminalsApi } from '@cloudemy/contracts';
import type { Handlers } from '@cloudemy/service';
import type { Request } from 'express';
import type { Actor } from '../auth/actor.js';
import { cutPage, decodeCursor } from '@cloudemy/mongo';
import { type TerminalGateway, upgradeRequired } from './gateway.js';
import { type OpenSession, viewSession } from './open-session.js';
import type { Terminals } from './terminals.js';
import { websocketUrl } from './websocket-url.js';

export interface TerminalRouteParts {
  terminals: Terminals;
  gateway: TerminalGateway;
  actorOf: (req: Request) => Actor;
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
  const { terminals, gateway, actorOf, publicUrl } = parts;
  const view = (req: Request, session: OpenSession) =>
    viewSession(session, websocketUrl(req, session.id, publicUrl));
  const open = async (req: Request, jobName: string, options: OpenOptions, signal: AbortSignal) => {
    const wanted = {
      jobName,
      namespace: options.namespace,
      podName: options.pod_name,
      containerName: options.container_name,
      shell: options.shell,
    };
    const session = await terminals.open(actorOf(req), wanted, req.ip ?? '', signal);
    return { status: 201 as const, body: view(req, session) };
  };
  return {
    openJobTerminal: ({ req, params, query, signal }) => open(req, params.job_name, query, signal),
    createTerminal: ({ req, body, signal }) => open(req, body.job_name, body, signal),
    listTerminals: ({ req, query }) => {
      const { job_name, namespace, limit, cursor } = query;
      const filters = { job_name, namespace };
      const after = decodeCursor(listName, filters, cursor)?.toHexString();
      const rows = terminals
        .list(actorOf(req), { jobName: job_name, namespace })
        .map((session) => ({ _id: session.order, session }))
        .filter(({ _id }) => after === undefined || _id.toHexString() < after);
      const page = cutPage(rows.slice(0, limit + 1), limit, listName, filters, (row) =>
        view(req, row.session),
      );
      return { status: 200 as const, body: page };
    },
    endTerminal: ({ req, params }) => {
      const session = terminals.get(actorOf(req), params.session_id);
      terminals.end(session);
      return { status: 200 as const, body: endedAnswer([session]) };
    },
    endJobTerminals: ({ req, params, query }) => {
      const sessions = terminals.list(actorOf(req), {
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
