import { asObject, at } from '../json.js';
import type { JsonObject } from '../json.js';
import type { KubeObject } from '../objects.js';
import type { KindInfo } from '../schema/kinds.js';
import { resourceName } from '../schema/kinds.js';
import type { Admission, WriteContext } from '../store/admission.js';
import { forbidden } from '../store/api-error.js';
import type { Registry } from '../store/registry.js';
import { completeClaim } from './claims.js';
import { applyDefaults } from './defaults/kinds.js';
import { defaultLimits, enforceLimits } from './limit-range.js';
import { levelOf, violations } from './pod-security.js';
import { assignPriority } from './priority.js';
import { enforceQuotas } from './quota.js';
import { assignServiceAccount } from './service-account.js';
import { ServiceAddresses, unreachableRange } from './service-addresses.js';
import { validateCreate, validateUpdate } from './validation/kinds.js';
import { warnWorkload } from './validation/workloads.js';

const ENFORCE = 'pod-security.kubernetes.io/enforce';
const WARN = 'pod-security.kubernetes.io/warn';

/** The pod spec in an object, whether it is a Pod or makes Pods. */
function podSpec(object: KubeObject): JsonObject | undefined {
  const spec =
    object.kind === 'Pod'
      ? object['spec']
      : (at(object, 'spec', 'template', 'spec') ??
        at(object, 'spec', 'jobTemplate', 'spec', 'template', 'spec'));
  return spec === undefined ? undefined : asObject(spec);
}

/** The rules of a real cluster, in its order: defaults, mutation, validation, then what may be refused. */
export class ClusterAdmission implements Admission {
  readonly #addresses: ServiceAddresses;

  private readonly registry: Registry;

  /** @param serviceRange the first two bytes of the addresses that Services get */
  constructor(registry: Registry, serviceRange = unreachableRange) {
    this.registry = registry;

    this.#addresses = new ServiceAddresses(registry, serviceRange);
  }

  create(info: KindInfo, draft: KubeObject, context: WriteContext): void {
    const resource = resourceName(info);
    applyDefaults(info, draft, true);
    if (resource === 'pods') {
      assignPriority(this.registry, draft);
      assignServiceAccount(this.registry, draft);
      defaultLimits(this.registry, draft);
    }
    if (resource === 'persistentvolumeclaims') {
      completeClaim(this.registry, draft);
    }
    validateCreate(info, draft);
    if (resource === 'services') {
      this.#addresses.assign(draft);
    }
    if (resource === 'pods') {
      enforceLimits(this.registry, draft);
    }
    this.#podSecurity(resource, draft, context);
    warnWorkload(draft, context);
    enforceQuotas(this.registry, resource, draft);
  }

  update(info: KindInfo, draft: KubeObject, old: KubeObject, context: WriteContext): void {
    applyDefaults(info, draft, false);
    if (resourceName(info) === 'services') {
      this.#addresses.keep(draft, old);
    }
    validateUpdate(info, draft, old);
    if (draft.kind !== 'Pod') {
      this.#podSecurity(resourceName(info), draft, context);
    }
    warnWorkload(draft, context);
  }

  #podSecurity(resource: string, object: KubeObject, context: WriteContext): void {
    const spec = podSpec(object);
    const { namespace, name } = object.metadata;
    if (spec === undefined || namespace === undefined) {
      return;
    }
    const labels = this.registry.get('namespaces', undefined, namespace)?.metadata.labels ?? {};
    if (resource === 'pods') {
      const level = levelOf(labels[ENFORCE]);
      const found = violations(spec, level);
      if (found !== '') {
        throw forbidden('pods', name, `violates PodSecurity "${level}:latest": ${found}`);
      }
    }
    const warned = levelOf(labels[WARN]);
    const found = violations(spec, warned);
    if (found !== '') {
      context.warn(`would violate PodSecurity "${warned}:latest": ${found}`);
    }
  }
}
