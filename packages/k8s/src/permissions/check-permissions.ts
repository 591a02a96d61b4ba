import type { CallOptions, KubeApi } from '../cluster/kube-api.js';
import type { KubeObject } from '../objects/types.js';

/** Something the service must be allowed to do. */
export interface Requirement {
  verb: string;
  /** API group; `''` for the core group. */
  group: string;
  /** Plural; `pods/log` for a subresource. */
  resource: string;
  /** The one object that it is about; all of them when left out. */
  name?: string | undefined;
  /** All namespaces when left out. */
  namespace?: string | undefined;
}

export interface Permission extends Requirement {
  allowed: boolean;
  /** E.g. `create jobs.batch in namespace grading`. */
  sentence: string;
  /** Why not, if the server says. */
  reason?: string;
}

interface SelfSubjectAccessReview extends KubeObject {
  spec: { resourceAttributes: Record<string, string> };
  status?: { allowed?: boolean; denied?: boolean; reason?: string; evaluationError?: string };
}

const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

/**
 * Asks the cluster whether we may do each of these. Changes nothing.
 * @throws {KubeApiError} when not even this may be asked; any authenticated user may by default
 */
export async function checkPermissions(
  api: KubeApi,
  requirements: readonly Requirement[],
  options: CallOptions = {},
): Promise<Permission[]> {
  return Promise.all(requirements.map((requirement) => review(api, requirement, options)));
}

/** `create jobs.batch in namespace grading` */
export function describeRequirement({ verb, group, resource, name, namespace }: Requirement): string {
  const type = group === '' ? resource : resource.replace(/^([^/]+)/, `$1.${group}`);
  return `${verb} ${type}${name === undefined ? '' : ` ${name}`} in ${namespace === undefined ? 'all namespaces' : `namespace ${namespace}`}`;
}

async function review(api: KubeApi, requirement: Requirement, options: CallOptions): Promise<Permission> {
  const { verb, group, name, namespace } = requirement;
  const [resource = '', subresource] = requirement.resource.split('/');
  const { object } = await api.create<SelfSubjectAccessReview>(
    REVIEWS,
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      metadata: {},
      spec: {
        resourceAttributes: {
          verb,
          group,
          resource,
          ...(subresource === undefined ? {} : { subresource }),
          ...(name === undefined ? {} : { name }),
          ...(namespace === undefined ? {} : { namespace }),
        },
      },
    },
    options,
  );
  const allowed = object.status?.allowed === true;
  const reason = object.status?.reason ?? object.status?.evaluationError ?? '';
  return {
    ...requirement,
    allowed,
    sentence: describeRequirement(requirement),
    ...(allowed || reason === '' ? {} : { reason }),
  };
}
