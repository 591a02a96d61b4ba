import { z } from 'zod';
import { Timestamp } from '../primitives.js';

/** Which object of the cluster. */
const identity = {
  api_version: z.string().describe('`batch/v1`; `v1` for the core group.'),
  kind: z.string(),
  name: z.string().nullable().describe('Null for one that asked for a generated name and was never created.'),
  namespace: z.string(),
  uid: z.string().nullable().describe('Null while it is not known to exist.'),
  document: z.int().min(1).describe('Which document of the YAML it came from; the first is 1.'),
};

export const ObjectState = z
  .enum([
    'active',
    'progressing',
    'troubled',
    'suspended',
    'complete',
    'failed',
    'terminating',
    'gone',
    'replaced',
    'not_created',
    'unknown',
  ])
  .meta({
    id: 'ObjectState',
    description:
      '`troubled`: something keeps it from running, which may still go away. `suspended`: it runs when somebody, or a queue of the cluster, lets it. ' +
      '`gone`: it is not there any more; `message` says who deleted it, as far as is known. `replaced`: another object has its name now. ' +
      '`not_created`: its deployment did not get that far. `unknown`: the cluster did not say.',
  });
export type ObjectState = z.output<typeof ObjectState>;

export const CronJobRun = z
  .object({
    job_name: z.string().describe('By which its status, log and terminal are asked for.'),
    state: ObjectState,
    message: z.string().describe('The state in words.'),
    scheduled_at: Timestamp.nullable(),
  })
  .meta({ id: 'CronJobRun', description: 'A Job that a CronJob made.' });
export type CronJobRun = z.output<typeof CronJobRun>;

export const DeployedObject = z
  .object({
    ...identity,
    state: ObjectState,
    message: z.string().describe('The state in words.'),
    taken_over: z.boolean().describe('It was there before and was taken over by `force`.'),
    applied_at: Timestamp.nullable(),
    runs: z
      .array(CronJobRun)
      .max(20)
      .optional()
      .describe('Of a CronJob: the Jobs that it made and that are still there, newest first.'),
    last_scheduled_at: Timestamp.nullable().optional().describe('Of a CronJob: when it last made a Job.'),
  })
  .meta({ id: 'DeployedObject', description: 'An object of a deployment as the cluster has it now.' });
export type DeployedObject = z.output<typeof DeployedObject>;

export const ObjectResult = z
  .enum([
    'created',
    'updated',
    'unchanged',
    'deleted',
    'deleting',
    'already_gone',
    'replaced',
    'failed',
    'not_tried',
  ])
  .meta({
    id: 'ObjectResult',
    description:
      '`deleting`: accepted, but not gone yet. `replaced`: another object has its name now and was left alone.',
  });
export type ObjectResult = z.output<typeof ObjectResult>;

export const ObjectReport = z
  .object({
    ...identity,
    result: ObjectResult,
    message: z.string().nullable().describe('Why it failed, or what else there is to know.'),
    warnings: z.array(z.string()).describe("The API server's own warnings."),
  })
  .meta({ id: 'ObjectReport', description: 'What a request did to one object.' });
export type ObjectReport = z.output<typeof ObjectReport>;
