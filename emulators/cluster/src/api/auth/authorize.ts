import { ApiError } from '../../store/api-error.js';
import { resourceName } from '../../schema/kinds.js';
import type { User } from '../exchange.js';
import type { RequestInfo } from '../request-info.js';
import { verbOf } from '../request-info.js';
import type { Attributes, Rbac } from './rbac.js';

/** What a request wants, as RBAC sees it. */
export function attributesOf(info: RequestInfo): Attributes {
  const verb = verbOf(info);
  const { target } = info;
  return target === undefined ? { verb, path: info.path } : { verb, ...target };
}

/** @throws ApiError 403 when no role allows it. */
export function authorize(rbac: Rbac, user: User, attributes: Attributes): void {
  if (!rbac.decide(user, attributes).allowed) {
    throw refusal(user, attributes);
  }
}

function refusal(user: User, attributes: Attributes): ApiError {
  const { verb, group = '', resource, subresource, namespace, name, path } = attributes;
  if (resource === undefined) {
    const text = `forbidden: User "${user.name}" cannot ${verb} path "${path ?? ''}"`;
    return new ApiError(403, 'Forbidden', text, {});
  }
  const subject = resourceName({ plural: resource, group });
  const scope = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const wanted = subresource === undefined ? resource : `${resource}/${subresource}`;
  const named = name === undefined ? subject : `${subject} "${name}"`;
  return new ApiError(
    403,
    'Forbidden',
    `${named} is forbidden: User "${user.name}" cannot ${verb} resource "${wanted}" in API group "${group}" ${scope}`,
    {
      ...(name === undefined ? {} : { name }),
      ...(group === '' ? {} : { group }),
      kind: resource,
    },
  );
}
