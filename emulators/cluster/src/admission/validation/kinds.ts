import type { KubeObject } from '../../objects.js';
import type { KindInfo } from '../../schema/kinds.js';
import { resourceName } from '../../schema/kinds.js';
import { invalid } from '../../store/api-error.js';
import { Causes } from './causes.js';
import { validateMetadata, validateMetadataUpdate } from './metadata.js';
import {
  validateBinding,
  validateBindingUpdate,
  validateConfigMap,
  validateDataUpdate,
  validateNamespace,
  validatePod,
  validatePodUpdate,
  validateSecret,
  validateService,
  validateServiceUpdate,
} from './objects.js';
import {
  validateCronJob,
  validateJob,
  validateJobUpdate,
  validateReplicated,
  validateReplicatedUpdate,
  validateStatefulSetUpdate,
} from './workloads.js';

interface Rules {
  object: (object: KubeObject, causes: Causes) => void;
  update?: (object: KubeObject, old: KubeObject, causes: Causes) => void;
}

const replicated: Rules = { object: validateReplicated, update: validateReplicatedUpdate };

const rules: Readonly<Record<string, Rules>> = {
  pods: { object: validatePod, update: validatePodUpdate },
  configmaps: { object: validateConfigMap, update: validateDataUpdate },
  secrets: { object: validateSecret, update: validateDataUpdate },
  services: { object: validateService, update: validateServiceUpdate },
  namespaces: { object: validateNamespace },
  'jobs.batch': { object: validateJob, update: validateJobUpdate },
  'cronjobs.batch': { object: validateCronJob },
  'deployments.apps': replicated,
  'replicasets.apps': replicated,
  'statefulsets.apps': { object: validateReplicated, update: validateStatefulSetUpdate },
  'daemonsets.apps': replicated,
  'rolebindings.rbac.authorization.k8s.io': { object: validateBinding, update: validateBindingUpdate },
  'clusterrolebindings.rbac.authorization.k8s.io': {
    object: validateBinding,
    update: validateBindingUpdate,
  },
};

function refuse(info: KindInfo, object: KubeObject, causes: Causes): void {
  if (causes.list.length > 0) {
    throw invalid(info.kind, info.group, object.metadata.name, causes.list);
  }
}

/** @throws ApiError 422 with everything that is wrong with a new object. */
export function validateCreate(info: KindInfo, object: KubeObject): void {
  const causes = new Causes();
  validateMetadata(info, object, causes);
  // A nameless object is refused for that alone: other rules speak of its name.
  if (object.metadata.name !== '') {
    rules[resourceName(info)]?.object(object, causes);
  }
  refuse(info, object, causes);
}

/** @throws ApiError 422 with everything that is wrong with a changed object or may not change. */
export function validateUpdate(info: KindInfo, object: KubeObject, old: KubeObject): void {
  const causes = new Causes();
  validateMetadata(info, object, causes);
  validateMetadataUpdate(object, old, causes);
  const { object: check, update } = rules[resourceName(info)] ?? {};
  check?.(object, causes);
  update?.(object, old, causes);
  refuse(info, object, causes);
}
