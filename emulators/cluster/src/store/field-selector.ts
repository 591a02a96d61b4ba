import { at } from '../json.js';
import type { KubeObject } from '../objects.js';
import type { KindInfo } from '../schema/kinds.js';
import { resourceName } from '../schema/kinds.js';
import { badRequest } from './api-error.js';

export type FieldPredicate = (object: KubeObject) => boolean;
type FieldReader = (object: KubeObject) => string;

/** A scalar of the object as text, empty when it is absent. */
function path(...keys: string[]): FieldReader {
  return (object) => {
    const value = at(object, ...keys);
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : '';
  };
}

const everywhere: Record<string, FieldReader> = {
  'metadata.name': path('metadata', 'name'),
  'metadata.namespace': path('metadata', 'namespace'),
};

/** Selectable fields by resource, as a 1.36 server has them. */
const fields: Record<string, Record<string, FieldReader>> = {
  pods: {
    'spec.nodeName': path('spec', 'nodeName'),
    'spec.restartPolicy': path('spec', 'restartPolicy'),
    'spec.schedulerName': path('spec', 'schedulerName'),
    'spec.serviceAccountName': path('spec', 'serviceAccountName'),
    'spec.hostNetwork': (object) => String(at(object, 'spec', 'hostNetwork') === true),
    'status.phase': path('status', 'phase'),
    'status.podIP': path('status', 'podIP'),
    'status.nominatedNodeName': path('status', 'nominatedNodeName'),
  },
  events: {
    'involvedObject.kind': path('involvedObject', 'kind'),
    'involvedObject.namespace': path('involvedObject', 'namespace'),
    'involvedObject.name': path('involvedObject', 'name'),
    'involvedObject.uid': path('involvedObject', 'uid'),
    'involvedObject.apiVersion': path('involvedObject', 'apiVersion'),
    'involvedObject.resourceVersion': path('involvedObject', 'resourceVersion'),
    'involvedObject.fieldPath': path('involvedObject', 'fieldPath'),
    reason: path('reason'),
    type: path('type'),
    reportingComponent: path('reportingComponent'),
    source: (object) => path('source', 'component')(object) || path('reportingComponent')(object),
  },
  'jobs.batch': { 'status.successful': (object) => path('status', 'succeeded')(object) || '0' },
  namespaces: { 'status.phase': path('status', 'phase') },
  nodes: { 'spec.unschedulable': (object) => String(at(object, 'spec', 'unschedulable') === true) },
  secrets: { type: path('type') },
  services: { 'spec.clusterIP': path('spec', 'clusterIP'), 'spec.type': path('spec', 'type') },
};

function unsupported(info: KindInfo, field: string): never {
  const resource = resourceName(info);
  if (['pods', 'events', 'nodes', 'namespaces', 'secrets', 'services'].includes(resource)) {
    throw badRequest(`field label not supported: ${field}`);
  }
  if (resource === 'jobs.batch') {
    throw badRequest(`field label "${field}" not supported for ${info.kind}`);
  }
  throw badRequest(`"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`);
}

/**
 * Compiles a field selector of a query for one resource.
 * @throws ApiError 400 for a field that the resource does not offer or a term that does not parse.
 */
export function parseFieldSelector(info: KindInfo, text: string): FieldPredicate {
  const own = fields[resourceName(info)] ?? {};
  const terms = text
    .split(',')
    .filter((term) => term.trim() !== '')
    .flatMap((term) => {
      const match = /^([^=!]*)(==|!=|=)(.*)$/s.exec(term.trim());
      if (match === null) {
        throw badRequest(
          `invalid field selector "${text}": invalid selector: '${term}'; can't understand '${term}'`,
        );
      }
      const [, field = '', operator, value = ''] = match;
      if (field === '') {
        return [];
      }
      const read = own[field] ?? everywhere[field] ?? unsupported(info, field);
      return [{ read, value, equal: operator !== '!=' }];
    });
  return (object) => terms.every((term) => (term.read(object) === term.value) === term.equal);
}
