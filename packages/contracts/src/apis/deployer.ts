import { z } from 'zod';
import {
  DeleteAnswer,
  DeleteQuery,
  DeleteRequest,
  DeployAnswer,
  DeployRequest,
  Deployment,
  DeploymentPage,
  DeploymentQuery,
} from '../deployer/deployments.js';
import { JobStatus } from '../deployer/jobs.js';
import {
  LogEndEvent,
  LogEvent,
  LogGapEvent,
  LogHeaders,
  LogQuery,
  LogRequest,
  LogWaitingEvent,
} from '../deployer/logs.js';
import { JobName, namespaceField } from '../deployer/names.js';
import { SystemStatus } from '../deployer/status.js';
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
import { TerminalClientFrame, TerminalClose, TerminalServerFrame } from '../deployer/terminal-frames.js';
import { defineApi } from '../http/route.js';
import { accountsApi } from './accounts.js';
import { deployerAuditApi } from './audit.js';
import { webhooksApi } from './webhooks.js';
import { Id } from '../primitives.js';
import type { ProblemCode } from '../problem.js';

const deploymentId = z.object({ deployment_id: Id });
const jobName = z.object({ job_name: JobName });
const sessionId = z.object({ session_id: SessionId });

const clusterProblems = ['namespace_not_served', 'cluster_error'] as const satisfies ProblemCode[];

/** YAML in, objects out. */
export const deploymentsApi = defineApi({
  deploy: {
    method: 'post',
    path: '/deploy',
    tag: 'Deployments',
    summary: 'Deploy every document of a YAML text',
    description:
      'Checked, held to the policy and tried out on the cluster first: either nothing is wrong with any document, or all that is wrong is reported and nothing was changed. YAML sent again updates the deployment that has its objects, also when it has grown; what it no longer names is kept. If the cluster fails half-way, `objects` of the problem says exactly what exists.',
    auth: 'user',
    body: DeployRequest,
    responses: {
      200: { description: 'Updated, or a dry run.', schema: DeployAnswer },
      201: {
        description: 'Deployed.',
        schema: DeployAnswer,
        headers: { Location: 'Where the deployment is.' },
      },
    },
    problems: [
      ...clusterProblems,
      'invalid_manifest',
      'object_conflict',
      'quota_exceeded',
      'conflict',
      'too_large',
      'deploy_incomplete',
    ],
  },
  deleteByYaml: {
    method: 'post',
    path: '/delete',
    tag: 'Deployments',
    summary: 'Delete what a YAML text deployed',
    description:
      'Deletes the recorded objects by uid, dependants too; what others made in their place is left alone. Safe to repeat.',
    auth: 'user',
    body: DeleteRequest,
    responses: { 200: { description: 'What became of each object.', schema: DeleteAnswer } },
    problems: [
      ...clusterProblems,
      'invalid_manifest',
      'not_found',
      'conflict',
      'too_large',
      'delete_incomplete',
    ],
  },
  listDeployments: {
    method: 'get',
    path: '/deployments',
    tag: 'Deployments',
    summary: 'List deployments with their live state, newest first',
    auth: 'user',
    query: DeploymentQuery,
    responses: { 200: { description: 'A page.', schema: DeploymentPage } },
  },
  getDeployment: {
    method: 'get',
    path: '/deployments/{deployment_id}',
    tag: 'Deployments',
    summary: 'Read a deployment with the live state of each object',
    auth: 'user',
    params: deploymentId,
    responses: { 200: { description: 'The deployment.', schema: Deployment } },
    problems: ['not_found'],
  },
  deleteDeployment: {
    method: 'delete',
    path: '/deployments/{deployment_id}',
    tag: 'Deployments',
    summary: 'Delete a deployment with all its objects',
    auth: 'user',
    params: deploymentId,
    query: DeleteQuery,
    responses: { 200: { description: 'What became of each object.', schema: DeleteAnswer } },
    problems: ['not_found', 'conflict', 'cluster_error', 'delete_incomplete'],
  },
});

const logText = {
  200: {
    description: 'Plain text as it is in the cluster; `text/event-stream` when followed.',
    schema: z.string(),
    contentType: 'text/plain',
    alternatives: ['text/event-stream'],
  },
  204: { description: '`Last-Event-ID` is that of the `end` event: nothing follows. Do not reconnect.' },
} as const;

const logMessages = [LogEvent, LogWaitingEvent, LogGapEvent, LogEndEvent] as const;

const logEvents =
  'Followed, the answer is Server-Sent Events: `log` (a `LogEvent`), `waiting` (a `LogWaitingEvent`), `gap` (a `LogGapEvent`: lines that the cluster no longer has) and at last `end` (a `LogEndEvent`). With `Last-Event-ID` it goes on right after that event: no line is repeated, and one that is missing lies in a `gap`. New pods and restarted containers join as they come. A slow reader slows the stream.';

/** Deployed Jobs: state and logs. */
export const jobsApi = defineApi({
  getJobStatus: {
    method: 'get',
    path: '/jobs/{job_name}/status',
    tag: 'Jobs',
    summary: 'Read the state of a deployed Job and of its pods, in words',
    auth: 'user',
    params: jobName,
    query: z.strictObject({ namespace: namespaceField }),
    responses: { 200: { description: 'The state.', schema: JobStatus } },
    problems: [...clusterProblems, 'not_found'],
  },
  getJobLogs: {
    method: 'get',
    path: '/jobs/{job_name}/logs',
    tag: 'Jobs',
    summary: 'Read or follow the logs of a deployed Job',
    description: logEvents,
    auth: 'user',
    params: jobName,
    query: LogQuery,
    headers: LogHeaders,
    responses: logText,
    messages: logMessages,
    problems: [...clusterProblems, 'not_found', 'log_not_available'],
  },
  postJobLogs: {
    method: 'post',
    path: '/jobs/logs',
    tag: 'Jobs',
    summary: 'The same with its options in a body',
    description: logEvents,
    auth: 'user',
    body: LogRequest,
    headers: LogHeaders,
    responses: logText,
    messages: logMessages,
    problems: [...clusterProblems, 'not_found', 'log_not_available'],
  },
});

const terminalProblems = [
  ...clusterProblems,
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

/** The state of the service itself. */
export const statusApi = defineApi({
  getStatus: {
    method: 'get',
    path: '/status',
    tag: 'State',
    summary: 'Cluster, database, permissions, sessions and deployments',
    auth: 'user',
    responses: { 200: { description: 'The state.', schema: SystemStatus } },
  },
});

const { getAuthInfo, login, refresh, logout } = accountsApi;

/** As on the backend, which is asked: for the page of this service. */
export const signInApi = defineApi({ getAuthInfo, login, refresh, logout });

export const deployerApi = defineApi({
  ...deploymentsApi,
  ...jobsApi,
  ...terminalsApi,
  ...statusApi,
  ...webhooksApi,
  ...deployerAuditApi,
  ...signInApi,
});
