import { badRequest } from '../store/api-error.js';

/** What a URL and method ask for, before anything is looked up. */
export interface RequestInfo {
  method: string;
  path: string;
  query: URLSearchParams;
  /** Set for `/api/v1/…` and `/apis/GROUP/VERSION/…` with a resource behind it. */
  target?: ResourceTarget;
}

export interface ResourceTarget {
  group: string;
  version: string;
  /** Plural, as in the URL. */
  resource: string;
  namespace?: string;
  name?: string;
  subresource?: string;
}

function decodeSegment(segment: string): string {
  if (!segment.includes('%')) {
    return segment;
  }
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    throw badRequest(`invalid URL escape in "${segment}"`, error);
  }
}

function target(path: string): ResourceTarget | undefined {
  const segments = path.split('/').slice(1);
  if (segments.at(-1) === '') {
    segments.pop();
  }
  const [root, second = '', third = ''] = segments;
  const rest = (root === 'api' ? segments.slice(2) : segments.slice(3)).map(decodeSegment);
  if ((root !== 'api' && root !== 'apis') || rest.length === 0) {
    return undefined;
  }
  const base = root === 'api' ? { group: '', version: second } : { group: second, version: third };
  const inNamespace = rest[0] === 'namespaces' && rest.length > 2 && !isNamespacePart(rest[2]);
  const [namespace, parts] = inNamespace ? [rest[1], rest.slice(2)] : [undefined, rest];
  const [resource = '', name, ...subresource] = parts;
  return {
    ...base,
    resource,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(subresource.length === 0 ? {} : { subresource: subresource.join('/') }),
  };
}

/** `/namespaces/NAME/status` speaks of the namespace itself. */
function isNamespacePart(segment: string | undefined): boolean {
  return segment === 'status' || segment === 'finalize';
}

/** @throws ApiError 400 for a path that is not well-formed. */
export function parseRequest(method: string, url: string): RequestInfo {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
  const found = target(path);
  return { method, path, query, ...(found === undefined ? {} : { target: found }) };
}

/** Everything but `0` and `false` (Python's `False` too) is true; an empty value as well when the parameter is there. */
export function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

/** @throws ApiError 400 in Go's words when it is no integer. */
export function integer(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null || value === '') {
    return undefined;
  }
  if (!/^[+-]?\d+$/.test(value)) {
    throw badRequest(`strconv.ParseInt: parsing "${value}": invalid syntax`);
  }
  return Number(value);
}

/** The verb as RBAC knows it. */
export function verbOf(info: RequestInfo): string {
  const { target: resource, query, method } = info;
  if (resource === undefined) {
    return method.toLowerCase();
  }
  switch (method) {
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return resource.name === undefined ? 'deletecollection' : 'delete';
    default:
      if (resource.name !== undefined) {
        return 'get';
      }
      return flag(query, 'watch') ? 'watch' : 'list';
  }
}
