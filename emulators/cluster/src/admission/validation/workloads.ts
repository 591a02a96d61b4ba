import { asObject, asString, at, equalJson, isObject, objectsIn } from '../../json.js';
import type { JsonObject } from '../../json.js';
import { isTimeZone, scheduleFault } from '../../controllers/cron-job/schedule.js';
import type { KubeObject } from '../../objects.js';
import type { WriteContext } from '../../store/admission.js';
import type { Causes } from './causes.js';
import { validateLabels } from './metadata.js';
import { envWarnings, validatePodSpec } from './pod-spec.js';

function notNegative(spec: JsonObject, fields: readonly string[], causes: Causes, path = 'spec'): void {
  for (const field of fields) {
    const value = spec[field];
    if (typeof value === 'number' && value < 0) {
      causes.invalid(`${path}.${field}`, value, 'must be greater than or equal to 0');
    }
  }
}

function matchesTemplate(selector: unknown, labels: unknown): boolean {
  const wanted = Object.entries(asObject(at(selector, 'matchLabels')));
  return wanted.every(([key, value]) => asObject(labels)[key] === value);
}

function validateTemplate(spec: JsonObject, path: string, causes: Causes): void {
  validateLabels(asObject(at(spec, 'template', 'metadata', 'labels')), `${path}.template.labels`, causes);
  const claimed = objectsIn(spec['volumeClaimTemplates']).map(
    (claim) => asString(at(claim, 'metadata', 'name')) ?? '',
  );
  validatePodSpec(asObject(at(spec, 'template', 'spec')), `${path}.template.spec`, causes, claimed);
}

function validateJobRestart(spec: JsonObject, path: string, causes: Causes): void {
  const policy = at(spec, 'template', 'spec', 'restartPolicy');
  if (policy === 'Always') {
    causes.required(`${path}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"');
  }
}

/** A Job; its name ends up in labels of its pods. */
export function validateJob(job: KubeObject, causes: Causes): void {
  const spec = asObject(job['spec']);
  notNegative(
    spec,
    ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished'],
    causes,
  );
  const mode = spec['completionMode'];
  if (mode !== 'NonIndexed' && mode !== 'Indexed') {
    causes.unsupported('spec.completionMode', mode, ['NonIndexed', 'Indexed']);
  } else if (mode === 'Indexed' && spec['completions'] === undefined) {
    causes.required('spec.completions', 'when completion mode is Indexed');
  }
  const labels = at(spec, 'template', 'metadata', 'labels');
  if (spec['selector'] === undefined) {
    causes.required('spec.selector');
    causes.invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`');
  } else if (spec['manualSelector'] !== true) {
    const wanted = { matchLabels: { 'batch.kubernetes.io/controller-uid': job.metadata.uid } };
    if (!equalJson(spec['selector'], wanted)) {
      causes.invalid('spec.selector', spec['selector'], '`selector` not auto-generated');
    }
    if (!matchesTemplate(spec['selector'], labels)) {
      causes.invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`');
    }
  }
  refuseUnknownFailures(spec, 'spec', causes);
  validateTemplate(spec, 'spec', causes);
  validateJobRestart(spec, 'spec', causes);
}

/** Better refused than a Job that never ends: the controller here counts failures of the whole Job only. */
function refuseUnknownFailures(spec: JsonObject, path: string, causes: Causes): void {
  const words = 'failures by index are not counted by this emulator of a cluster';
  if (spec['backoffLimitPerIndex'] !== undefined) {
    causes.forbidden(`${path}.backoffLimitPerIndex`, words);
  }
  objectsIn(at(spec, 'podFailurePolicy', 'rules')).forEach(({ action }, index) => {
    if (action === 'FailIndex') {
      causes.forbidden(`${path}.podFailurePolicy.rules[${index}].action`, words);
    }
  });
}

/** What a Job may not change after its creation. */
export function validateJobUpdate(job: KubeObject, old: KubeObject, causes: Causes): void {
  const spec = asObject(job['spec']);
  const before = asObject(old['spec']);
  const immutable = (field: string, allowed = false) => {
    if (!allowed && !equalJson(spec[field], before[field])) {
      causes.invalid(`spec.${field}`, spec[field], 'field is immutable');
    }
  };
  immutable(
    'completions',
    spec['completionMode'] === 'Indexed' && spec['completions'] === spec['parallelism'],
  );
  immutable('selector');
  const template = asObject(spec['template']);
  const templateBefore = asObject(before['template']);
  const relabelled = !equalJson(template['metadata'], templateBefore['metadata']);
  if (relabelled && equalJson(spec['selector'], before['selector'])) {
    causes.invalid('spec.template.metadata', template['metadata'], 'field is immutable');
  }
  if (!equalJson(template['spec'], templateBefore['spec'])) {
    causes.invalid('spec.template.spec', template['spec'], 'field is immutable');
  }
  immutable('completionMode');
  immutable('podFailurePolicy');
  immutable('backoffLimitPerIndex');
  immutable('managedBy');
}

/** Deployments, ReplicaSets and their like: a selector that matches the template, pods that restart. */
export function validateReplicated(object: KubeObject, causes: Causes): void {
  const spec = asObject(object['spec']);
  notNegative(
    spec,
    ['replicas', 'minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds'],
    causes,
  );
  const selector = spec['selector'];
  const labels = at(spec, 'template', 'metadata', 'labels');
  if (!isObject(selector)) {
    causes.required('spec.selector');
  } else if (Object.keys(selector).length === 0) {
    causes.invalid('spec.selector', selector, 'empty selector is invalid for deployment');
  }
  if (isObject(selector) && !matchesTemplate(selector, labels)) {
    causes.invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`');
  }
  validateTemplate(spec, 'spec', causes);
  const policy = at(spec, 'template', 'spec', 'restartPolicy');
  if (policy !== 'Always' && policy !== undefined) {
    causes.unsupported('spec.template.spec.restartPolicy', policy, ['Always']);
  }
}

export function validateReplicatedUpdate(object: KubeObject, old: KubeObject, causes: Causes): void {
  const selector = at(object, 'spec', 'selector');
  if (!equalJson(selector, at(old, 'spec', 'selector'))) {
    causes.invalid('spec.selector', selector, 'field is immutable');
  }
}

const mutableOfStatefulSet = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

/** What a StatefulSet may not change after its creation. */
export function validateStatefulSetUpdate(set: KubeObject, old: KubeObject, causes: Causes): void {
  const fixed = (object: KubeObject) =>
    Object.entries(asObject(object['spec'])).filter(([field]) => !mutableOfStatefulSet.includes(field));
  if (!equalJson(Object.fromEntries(fixed(set)), Object.fromEntries(fixed(old)))) {
    const allowed = mutableOfStatefulSet.map((field) => `'${field}'`);
    const last = allowed.pop();
    causes.forbidden(
      'spec',
      `updates to statefulset spec for fields other than ${allowed.join(', ')} and ${last} are forbidden`,
    );
  }
}

export function validateCronJob(cronJob: KubeObject, causes: Causes): void {
  const spec = asObject(cronJob['spec']);
  const schedule = spec['schedule'];
  if (typeof schedule !== 'string' || schedule === '') {
    causes.required('spec.schedule');
  } else {
    const fault = scheduleFault(schedule);
    if (fault !== undefined) {
      causes.invalid('spec.schedule', schedule, fault);
    }
  }
  const timeZone = spec['timeZone'];
  if (typeof timeZone === 'string' && !isTimeZone(timeZone)) {
    causes.invalid('spec.timeZone', timeZone, `unknown time zone ${timeZone}`);
  }
  notNegative(
    spec,
    ['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit'],
    causes,
  );
  const policies = ['Allow', 'Forbid', 'Replace'];
  if (!policies.includes(String(spec['concurrencyPolicy']))) {
    causes.unsupported('spec.concurrencyPolicy', spec['concurrencyPolicy'], policies);
  }
  if (cronJob.metadata.name.length > 52) {
    causes.invalid('metadata.name', cronJob.metadata.name, 'must be no more than 52 characters');
  }
  const job = asObject(at(spec, 'jobTemplate', 'spec'));
  refuseUnknownFailures(job, 'spec.jobTemplate.spec', causes);
  validateTemplate(job, 'spec.jobTemplate.spec', causes);
  validateJobRestart(job, 'spec.jobTemplate.spec', causes);
}

/** What is accepted, but worth a word. */
export function warnWorkload(object: KubeObject, context: WriteContext): void {
  if (object.kind === 'Job' && object.metadata.name.includes('.')) {
    context.warn(
      'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
    );
  }
  const path = object.kind === 'Pod' ? 'spec' : 'spec.template.spec';
  envWarnings(asObject(at(object, ...path.split('.'))), path).forEach((warning) => {
    context.warn(warning);
  });
}
