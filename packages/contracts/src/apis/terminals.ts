import { z } from 'zod';
import { JobName } from '../deployer/names.js';
import { TerminalClientFrame, TerminalClose, TerminalServerFrame } from '../deployer/terminal-frames.js';
import {
  SessionId,
  TerminalCreate,
  TerminalEndQuery,
  TerminalQuery,
  TerminalSession,
  TerminalSessionPage,
  TerminalSessionQuery,
  TerminalTicket,
  TerminalsEnded,
} from '../deployer/terminals.js';
import { defineApi } from '../http/route.js';
import type { ProblemCode } from '../problem.js';

const jobName = z.object({ job_name: JobName });
const sessionId = z.object({ session_id: SessionId });

const terminalProblems = [
  'namespace_not_served',
  'cluster_error',
  'not_found',
  'pod_not_running',
  'shell_unavailable',
  'too_many_sessions',
] as const satisfies ProblemCode[];

/** Terminals in pods of deployed Jobs. */
export const terminalsApi = defineApi({
  openJobTerminal: {
    method: 'post',
    path: '/jobs/{job_name}/terminal',
    tag: 'Terminals',
    summary: 'Open a terminal in a pod of a deployed Job',
    auth: 'user',
    params: jobName,
    query: TerminalQuery,
    responses: { 201: { description: 'Open; connect to `websocket_url`.', schema: TerminalSession } },
    problems: terminalProblems,
  },
  createTerminal: {
    method: 'post',
    path: '/terminal/create',
    tag: 'Terminals',
    summary: 'The same with its options in a body',
    auth: 'user',
    body: TerminalCreate,
    responses: { 201: { description: 'Open; connect to `websocket_url`.', schema: TerminalSession } },
    problems: terminalProblems,
  },
  listTerminals: {
    method: 'get',
    path: '/terminal/sessions',
    tag: 'Terminals',
    summary: 'List open sessions, newest first',
    auth: 'user',
    query: TerminalSessionQuery,
    responses: { 200: { description: 'A page.', schema: TerminalSessionPage } },
  },
  endTerminal: {
    method: 'delete',
    path: '/terminal/{session_id}',
    tag: 'Terminals',
    summary: 'End a session',
    auth: 'user',
    params: sessionId,
    responses: { 200: { description: 'Ended.', schema: TerminalsEnded } },
    problems: ['not_found'],
  },
  endJobTerminals: {
    method: 'delete',
    path: '/terminal/job/{job_name}',
    tag: 'Terminals',
    summary: 'End every session of a Job',
    auth: 'user',
    params: jobName,
    query: TerminalEndQuery,
    responses: { 200: { description: 'Ended; none is fine too.', schema: TerminalsEnded } },
  },
  createTerminalTicket: {
    method: 'post',
    path: '/terminal/{session_id}/ticket',
    tag: 'Terminals',
    summary: 'Get a ticket for a connection to a session',
    description:
      'Needed to come back to a session where users sign in. Also lets the connection there is go on as long as the access token of this request is good.',
    auth: 'user',
    params: sessionId,
    responses: { 201: { description: 'Good for one connection.', schema: TerminalTicket } },
    problems: ['not_found'],
  },
  connectTerminal: {
    method: 'get',
    path: '/terminal/{session_id}',
    tag: 'Terminals',
    summary: 'The terminal itself: a WebSocket',
    description:
      'JSON text frames: `TerminalClientFrame` to the server, `TerminalServerFrame` from it; `TerminalClose` tells the close codes and the limits. With the subprotocol `cloudemy.terminal.v1.binary` terminal bytes travel as binary frames, with flow control by `ack`. A session that is not there gets an `exit` frame and the close code 4404; a ticket that is missing, used, too old or for something else gets 4401. When the access token behind a connection expires it is closed with 4008, and the session waits for its user to come back with another ticket.',
    auth: 'user',
    params: sessionId,
    query: z.object({
      ticket: z.string().max(500).optional().describe('Needed where users sign in; never sent twice.'),
    }),
    responses: { 101: { description: 'The WebSocket is open.' } },
    messages: [TerminalServerFrame, TerminalClientFrame, TerminalClose],
    problems: ['upgrade_required'],
  },
});
