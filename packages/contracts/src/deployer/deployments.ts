import { z } from 'zod';
import { Id, Timestamp, Title, page, pageQuery, queryFlag, wholeNumber } from '../primitives.js';
import { Namespace, namespaceField } from './names.js';
import { DeployedObject, ObjectReport } from './objects.js';

const yaml = {
  yaml_content: z.string().describe('One or several Kubernetes documents.'),
  namespace: namespaceField.describe('Where the objects go; documents may name no other.'),
};

/** The request of the documentation; works as it stands. */
const example = {
  yaml_content:
    "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: test-job\nspec:\n  template:\n    spec:\n      containers:\n      - name: test\n        image: busybox\n        command: ['sh', '-c', 'sleep 3600']\n      restartPolicy: Never",
  namespace: 'default',
};

export const DeployRequest = z
  .strictObject({
    ...yaml,
    name: Title.optional().describe('What people call it; the name of its first object when left out.'),
    dry_run: z
      .boolean()
      .default(false)
      .describe('Only ask the cluster what would happen; nothing is changed.'),
    force: z
      .boolean()
      .default(false)
      .describe(
        'Take over objects that were there before, and fields that others manage. What was taken over is deleted with the deployment.',
      ),
  })
  .meta({ id: 'DeployRequest', examples: [example] });
export type DeployRequest = z.output<typeof DeployRequest>;

export const DeploymentState = z
  .enum([
    'deploying',
    'incomplete',
    'active',
    'progressing',
    'troubled',
    'suspended',
    'complete',
    'failed',
    'partly_gone',
    'gone',
    'deleting',
    'deleted',
    'unknown',
  ])
  .meta({
    id: 'DeploymentState',
    description:
      '`incomplete`: some documents could not be applied. `troubled`: something keeps a part of it from running, which may still go away. `suspended`: what is to run waits to be let. `partly_gone`, `gone`: not there any more, and not by a deletion here. `unknown`: the cluster does not answer.',
  });
export type DeploymentState = z.output<typeof DeploymentState>;

export const Deployment = z
  .object({
    deployment_id: Id,
    name: z.string(),
    namespace: z.string(),
    owner: z.string().describe('Who deployed it.'),
    state: DeploymentState,
    message: z.string().describe('The state in words.'),
    objects: z.array(DeployedObject),
    created_at: Timestamp,
    updated_at: Timestamp,
    deleted_at: Timestamp.nullable(),
  })
  .meta({ id: 'Deployment' });
export type Deployment = z.output<typeof Deployment>;

export const DeploymentPage = page(Deployment, 'DeploymentPage');

export const DeploymentQuery = z.strictObject({
  ...pageQuery,
  namespace: Namespace.optional(),
  kind: z.string().max(100).optional().describe('Those that hold an object of this kind, such as `Job`.'),
  name: z.string().max(253).optional().describe('Of the deployment or of one of its objects.'),
  owner: z
    .string()
    .max(300)
    .optional()
    .describe('Who deployed it; other than oneself for administrators only.'),
  state: DeploymentState.optional().describe('`deleted` shows those that are no longer there.'),
});

export const DeployAnswer = z
  .object({
    deployment_id: Id.nullable().describe('Null for a dry run of something new.'),
    name: z.string(),
    namespace: z.string(),
    dry_run: z.boolean(),
    objects: z.array(ObjectReport),
    message: z.string().describe('What was done, in a sentence.'),
  })
  .meta({ id: 'DeployAnswer' });
export type DeployAnswer = z.output<typeof DeployAnswer>;

const waiting = {
  wait: z.boolean().default(false).describe('Answer when the objects and their dependants are gone.'),
  timeout_seconds: z.int().min(1).max(300).default(60).describe('How long to wait at most.'),
};

export const DeleteRequest = z
  .strictObject({
    ...yaml,
    ...waiting,
    // A body made for /deploy can be sent as it is.
    name: Title.optional().describe('Not looked at.'),
    dry_run: z.boolean().default(false).describe('Only report what would be deleted.'),
    force: z.boolean().default(false).describe('Not looked at.'),
  })
  .meta({ id: 'DeleteRequest', examples: [example] });
export type DeleteRequest = z.output<typeof DeleteRequest>;

export const DeleteQuery = z.strictObject({
  wait: queryFlag.default(false).describe(waiting.wait.description ?? ''),
  timeout_seconds: wholeNumber(1, 300).default(60).describe('How long to wait at most.'),
});

export const DeleteAnswer = z
  .object({
    deployments: z.array(Id).describe('Those the objects belonged to.'),
    namespace: z.string(),
    dry_run: z.boolean(),
    complete: z.boolean().describe('Whether nothing of it is left.'),
    objects: z.array(ObjectReport),
    message: z.string().describe('What was done, in a sentence.'),
  })
  .meta({ id: 'DeleteAnswer' });
export type DeleteAnswer = z.output<typeof DeleteAnswer>;
