import { ApiError } from '../store/api-error.js';

/** The form an answer is given in. */
export interface Representation {
  as?: 'Table' | 'APIGroupDiscoveryList';
}

const plain: Representation = {};
const known = new Map<string, Representation>();
/** Clients send a handful of different headers; a hostile one must not fill memory. */
const LONGEST_CACHE = 200;

const served = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';

function clause(text: string): Representation | 'transform' | undefined {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim());
  const values = new Map(
    parameters.map((parameter): [string, string] => {
      const equals = parameter.indexOf('=');
      return [parameter.slice(0, equals), parameter.slice(equals + 1)];
    }),
  );
  if (!['application/json', 'application/*', '*/*'].includes(type)) {
    return undefined;
  }
  const as = values.get('as');
  const group = values.get('g');
  const version = values.get('v');
  if (as === undefined) {
    return plain;
  }
  if (group === 'meta.k8s.io' && version === 'v1' && as === 'Table') {
    return { as };
  }
  if (group === 'apidiscovery.k8s.io' && version === 'v2' && as === 'APIGroupDiscoveryList') {
    return { as };
  }
  return 'transform';
}

/**
 * The first form of an Accept header that is served.
 * @throws ApiError 406 when there is none.
 */
export function negotiate(header: string | undefined): Representation {
  if (header === undefined || header === '' || header === 'application/json' || header === '*/*') {
    return plain;
  }
  const before = known.get(header);
  if (before !== undefined) {
    return before;
  }
  const clauses = header.split(',').map((text) => clause(text.trim()));
  const found = clauses.find((item) => typeof item === 'object');
  if (found === undefined) {
    throw clauses.includes('transform')
      ? new ApiError(406, 'NotAcceptable', `only the following media types are accepted: ${served}`)
      : new ApiError(
          406,
          'NotAcceptable',
          `406: Not Acceptable\n\nAvailable representations: ${served}, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch`,
          {},
        );
  }
  if (known.size < LONGEST_CACHE) {
    known.set(header, found);
  }
  return found;
}
