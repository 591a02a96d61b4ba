// The schemas of Kubernetes itself. Fields they do not know are refused by the server, in ../cluster.test.ts.
import type { UnknownObject } from '@cloudemy/k8s';
import { expect, test } from '@jest/globals';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { StatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1/Ingress';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ClusterRole } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRole';
import { Role } from 'kubernetes-models/rbac.authorization.k8s.io/v1/Role';
import { RoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding';
import { PriorityClass } from 'kubernetes-models/scheduling.k8s.io/v1/PriorityClass';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { LimitRange } from 'kubernetes-models/v1/LimitRange';
import { Namespace } from 'kubernetes-models/v1/Namespace';
import { ResourceQuota } from 'kubernetes-models/v1/ResourceQuota';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import { scriptJob } from '../in-cluster/job.js';
import { readVariants } from '../testing/manifests.js';

const models = new Map(
  [
    ClusterRole,
    ConfigMap,
    Deployment,
    HorizontalPodAutoscaler,
    Ingress,
    Job,
    LimitRange,
    Namespace,
    NetworkPolicy,
    PodDisruptionBudget,
    PriorityClass,
    ResourceQuota,
    Role,
    RoleBinding,
    Service,
    ServiceAccount,
    StatefulSet,
  ].map((model) => [`${model.apiVersion} ${model.kind}`, model]),
);

/** What the schema of its kind finds wrong with an object; undefined when nothing. */
function faultOf({ ...object }: UnknownObject): string | undefined {
  const model = models.get(`${object.apiVersion ?? ''} ${object.kind ?? ''}`);
  if (model === undefined) return `no schema for ${object.apiVersion ?? ''} ${object.kind ?? ''}`;
  try {
    const instance: unknown = Reflect.construct(model, [object]);
    if (instance instanceof model) instance.validate();
    return undefined;
  } catch (error) {
    return `${object.kind ?? ''} ${object.metadata.name ?? ''}: ${String(error)}`;
  }
}

test.each(await readVariants())('%s fits the schemas of Kubernetes', (_name, objects) => {
  expect(objects.flatMap((object) => faultOf(object) ?? [])).toEqual([]);
});

test('a Job that runs a script inside the cluster does too', () => {
  const script = {
    name: 'any',
    file: 'feed',
    deadlineSeconds: 60,
    env: { A: 'b' },
    mailbox: '/mailbox',
  } as const;
  const job = scriptJob(script, 'cloudemy/backend:0.1.0');
  expect(faultOf({ ...job })).toBeUndefined();
});

test('a fault would be found', () => {
  const metadata = { name: 'broken' };
  const spec = { ports: [{ port: 'many' }] };
  expect(faultOf({ apiVersion: 'v1', kind: 'Service', metadata, spec })).toMatch(/port/);
});
