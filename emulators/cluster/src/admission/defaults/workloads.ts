import { asObject, at, isObject, objectsIn } from '../../json.js';
import type { JsonObject } from '../../json.js';
import type { KubeObject } from '../../objects.js';
import { labelValueFaults } from '../validation/names.js';
import { defaultTemplate } from './pod.js';
import { ensureObject, setDefaults } from './set.js';

function prune(target: JsonObject, key: string): void {
  const value = target[key];
  if (isObject(value) && Object.keys(value).length === 0) {
    delete target[key];
  }
}

function defaultJobSpec(spec: JsonObject): void {
  if (spec['completions'] === undefined && spec['parallelism'] === undefined) {
    setDefaults(spec, { completions: 1 });
  }
  setDefaults(spec, { parallelism: 1, backoffLimit: 6, completionMode: 'NonIndexed', suspend: false });
  if (spec['backoffLimitPerIndex'] !== undefined && spec['backoffLimit'] === 6) {
    spec['backoffLimit'] = 2_147_483_647;
  }
  const failed = spec['podFailurePolicy'] !== undefined;
  for (const rule of objectsIn(at(spec, 'podFailurePolicy', 'rules'))) {
    objectsIn(rule['onPodConditions']).forEach((condition) => setDefaults(condition, { status: 'True' }));
  }
  setDefaults(spec, {
    podReplacementPolicy: failed ? 'Failed' : 'TerminatingOrFailed',
    manualSelector: false,
  });
  defaultTemplate(spec);
}

/** A new Job also gets its selector and the labels its pods are found by. */
export function defaultJob(job: KubeObject, creating: boolean): void {
  const spec = ensureObject(job, 'spec');
  defaultJobSpec(spec);
  ensureObject(job, 'status');
  if (creating && spec['manualSelector'] !== true) {
    const { uid, name } = job.metadata;
    const selector = ensureObject(spec, 'selector');
    const own = ensureObject(selector, 'matchLabels');
    own['batch.kubernetes.io/controller-uid'] = uid;
    const labels = ensureObject(ensureObject(ensureObject(spec, 'template'), 'metadata'), 'labels');
    Object.assign(labels, {
      'batch.kubernetes.io/controller-uid': uid,
      'batch.kubernetes.io/job-name': name,
      'controller-uid': uid,
      'job-name': name,
    });
  }
  const template = ensureObject(spec, 'template');
  prune(template, 'metadata');
  const unlabelled = job.metadata.labels === undefined || Object.keys(job.metadata.labels).length === 0;
  // A name that no label may hold is refused for the template's labels alone.
  if (unlabelled && labelValueFaults(job.metadata.name).length === 0) {
    const labels: Record<string, string> = {};
    for (const [key, value] of Object.entries(asObject(asObject(template['metadata'])['labels']))) {
      labels[key] = String(value);
    }
    job.metadata.labels = labels;
  }
}

/** A CronJob's template is a Job spec. */
export function defaultCronJob(cronJob: KubeObject): void {
  const spec = ensureObject(cronJob, 'spec');
  setDefaults(spec, {
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  });
  ensureObject(cronJob, 'status');
  const template = ensureObject(spec, 'jobTemplate');
  const jobSpec = ensureObject(template, 'spec');
  defaultTemplate(jobSpec);
  prune(ensureObject(jobSpec, 'template'), 'metadata');
}

export function defaultDeployment(deployment: KubeObject): void {
  const spec = ensureObject(deployment, 'spec');
  setDefaults(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
  const strategy = ensureObject(spec, 'strategy');
  setDefaults(strategy, { type: 'RollingUpdate' });
  if (strategy['type'] === 'RollingUpdate') {
    setDefaults(ensureObject(strategy, 'rollingUpdate'), { maxUnavailable: '25%', maxSurge: '25%' });
  }
  defaultTemplate(spec);
  ensureObject(deployment, 'status');
}

export function defaultReplicaSet(replicaSet: KubeObject): void {
  const spec = ensureObject(replicaSet, 'spec');
  setDefaults(spec, { replicas: 1 });
  defaultTemplate(spec);
  setDefaults(ensureObject(replicaSet, 'status'), { replicas: 0 });
}

export function defaultStatefulSet(set: KubeObject): void {
  const spec = ensureObject(set, 'spec');
  setDefaults(spec, { replicas: 1, podManagementPolicy: 'OrderedReady', revisionHistoryLimit: 10 });
  setDefaults(ensureObject(spec, 'persistentVolumeClaimRetentionPolicy'), {
    whenDeleted: 'Retain',
    whenScaled: 'Retain',
  });
  const strategy = ensureObject(spec, 'updateStrategy');
  setDefaults(strategy, { type: 'RollingUpdate' });
  if (strategy['type'] === 'RollingUpdate') {
    setDefaults(ensureObject(strategy, 'rollingUpdate'), { partition: 0 });
  }
  defaultTemplate(spec);
  setDefaults(ensureObject(set, 'status'), { replicas: 0, availableReplicas: 0 });
}
