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
      '`gone`: deleted behind the back of this service. `replaced`: another object has its name now. ' +
      '`not_created`: its deployment did not get that far. `unknown`: the cluster did not say.',
  });
export type ObjectState = z.output<typeof ObjectState>;

export const DeployedObject = z
  .object({
    ...identity,
    state: ObjectState,
    message: z.string().describe('The state in words.'),
    taken_over: z.boolean().describe('It was there before and was taken over by `force`.'),
    applied_at: Timestamp.nullable(),
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
