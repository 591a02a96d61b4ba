/**
 * Writes field-types.txt: the field names and types of the kinds this server knows, read from the models of
 * @kubernetes/client-node. Kept as a file because loading the client takes a second and a hundred megabytes.
 * Run `node scripts/field-types.mjs` after changing the kinds table or the client's version.
 */
import { writeFileSync } from 'node:fs';
import * as client from '@kubernetes/client-node';
import { apiVersion, kinds } from '../dist/schema/kinds.js';

const models = { ...client };

/** The models call quantities strings. */
const quantities = new Set([
  'ResourceRequirements.limits',
  'ResourceRequirements.requests',
  'VolumeResourceRequirements.limits',
  'VolumeResourceRequirements.requests',
  'ResourceQuotaSpec.hard',
  'ResourceQuotaStatus.hard',
  'ResourceQuotaStatus.used',
  'LimitRangeItem.default',
  'LimitRangeItem.defaultRequest',
  'LimitRangeItem.max',
  'LimitRangeItem.maxLimitRequestRatio',
  'LimitRangeItem.min',
  'NodeStatus.allocatable',
  'NodeStatus.capacity',
  'PodSpec.overhead',
  'PersistentVolumeSpec.capacity',
  'PersistentVolumeClaimStatus.capacity',
  'EmptyDirVolumeSource.sizeLimit',
  'MetricTarget.value',
  'MetricTarget.averageValue',
  'ResourceFieldSelector.divisor',
]);

const special = {
  Date: 'time',
  V1MicroTime: 'microTime',
  IntOrString: 'intOrString',
  any: 'any',
  object: 'any',
};
const extra = [
  'V1DeleteOptions',
  'V1Eviction',
  'V1Scale',
  'AuthenticationV1TokenRequest',
  'V1SubjectAccessReview',
];
extra.push('V1SelfSubjectAccessReview', 'V1SelfSubjectRulesReview', 'V1LocalSubjectAccessReview');

const types = {};
const roots = {};

/** `V1PodSpec` is PodSpec; two models of the same name keep their prefix. */
function short(model) {
  return model.replace(/^(Core|Authentication|Discovery|Rbac|Events)?V[12]/, '$1');
}

function typeOf(model, { type, format, baseName }) {
  const quantity = quantities.has(`${short(model)}.${baseName}`);
  const list = /^Array<(.*)>$/.exec(type);
  if (list) {
    return `[${typeOf(model, { type: list[1], format, baseName })}]`;
  }
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type);
  if (map) {
    return quantity ? '{quantity}' : `{${typeOf(model, { type: map[1], format, baseName })}}`;
  }
  if (special[type]) {
    return special[type];
  }
  if (type === 'number') {
    return format || 'double';
  }
  if (type === 'string') {
    return quantity ? 'quantity' : format === 'byte' ? 'byte' : 'string';
  }
  if (type === 'boolean') {
    return type;
  }
  visit(type);
  return short(type);
}

function visit(model) {
  const name = short(model);
  if (types[name]) {
    return;
  }
  types[name] = {};
  for (const attribute of models[model].getAttributeTypeMap()) {
    types[name][attribute.baseName] = typeOf(model, attribute);
  }
}

function modelOf({ version, kind }) {
  const prefix = version[0].toUpperCase() + version.slice(1);
  return [`${prefix}${kind}`, `Core${prefix}${kind}`, `Rbac${prefix}${kind}`].find((name) => models[name]);
}

for (const info of kinds) {
  const model = modelOf(info);
  visit(model);
  roots[`${apiVersion(info)} ${info.kind}`] = short(model);
}
visit('EventsV1Event');
extra.forEach(visit);

const lines = [
  ...Object.entries(roots).map(([kind, name]) => `${kind} = ${name}`),
  ...Object.keys(types)
    .sort()
    .map((name) => [name, ...Object.entries(types[name]).map((field) => field.join(':'))].join(' ')),
];
writeFileSync(new URL('../field-types.txt', import.meta.url), `${lines.join('\n')}\n`);
