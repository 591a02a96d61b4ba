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
import { defineApi } from '../http/route.js';
import { deployerAuditApi } from './audit.js';
import { terminalsApi } from './terminals.js';
import { webhooksApi } from './webhooks.js';
import { Id } from '../primitives.js';
import type { ProblemCode } from '../problem.js';

const deploymentId = z.object({ deployment_id: Id });
const jobName = z.object({ job_name: JobName });

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
      'deploy_interrupted',
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
      'delete_interrupted',
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
    problems: ['not_found', 'conflict', 'cluster_error', 'delete_incomplete', 'delete_interrupted'],
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

export const deployerApi = defineApi({
  ...deploymentsApi,
  ...jobsApi,
  ...terminalsApi,
  ...statusApi,
  ...webhooksApi,
  ...deployerAuditApi,
});
