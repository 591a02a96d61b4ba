import { ApiError } from '../store/api-error.js';

/** The form an answer is given in: as it is stored, unless it says otherwise. */
export interface Representation {
  as?: 'Table' | 'APIGroupDiscoveryList';
}

const served = ['application/json', 'application/*', '*/*'];

/**
 * The first form of an Accept header that is served.
 * @throws ApiError 406 when there is none.
 */
export function negotiate(header: string | undefined): Representation {
  for (const clause of (header || '*/*').split(',')) {
    const [type = '', ...parameters] = clause.split(';').map((part) => part.trim());
    if (!served.includes(type)) {
      continue;
    }
    const as = parameters.find((parameter) => parameter.startsWith('as='))?.slice(3);
    if (as === undefined) {
      return {};
    }
    if (as === 'Table' && parameters.includes('v=v1')) {
      return { as };
    }
    if (as === 'APIGroupDiscoveryList' && parameters.includes('v=v2')) {
      return { as };
    }
  }
  throw new ApiError(
    406,
    'NotAcceptable',
    '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch',
    {},
  );
}
