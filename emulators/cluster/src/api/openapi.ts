import type { KindInfo } from '../schema/kinds.js';
import { apiVersion, kinds } from '../schema/kinds.js';

type Document = Record<string, unknown>;

/** By these parameters kubectl sees that it may leave the checking of fields to the server. */
const writeParameters = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({
  name,
  in: 'query',
  schema: { type: 'string', uniqueItems: true },
}));

function operation({ group, version, kind }: KindInfo, action: string): Document {
  return {
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, version, kind },
    parameters: writeParameters,
    responses: { '200': { description: 'OK' } },
  };
}

function paths(infos: readonly KindInfo[]): Document {
  const found: Document = {};
  for (const info of infos) {
    const collection = `/${rootOf(info)}${info.namespaced ? '/namespaces/{namespace}' : ''}/${info.plural}`;
    found[collection] = { post: operation(info, 'post') };
    found[`${collection}/{name}`] = { put: operation(info, 'put'), patch: operation(info, 'patch') };
  }
  return found;
}

function rootOf(info: KindInfo): string {
  return info.group === '' ? `api/${info.version}` : `apis/${apiVersion(info)}`;
}

/** The index of `/openapi/v3`. */
export function openApiIndex(): Document {
  const roots = kinds.map(rootOf);
  return {
    paths: Object.fromEntries(roots.map((root) => [root, { serverRelativeURL: `/openapi/v3/${root}` }])),
  };
}

/** The OpenAPI 3 document of one group version (`apis/batch/v1`): what can be written, but no schemas. */
export function openApiV3(root: string): Document | undefined {
  const infos = kinds.filter((info) => rootOf(info) === root);
  return infos.length === 0
    ? undefined
    : { openapi: '3.0.0', info: { title: 'Kubernetes', version: '1.36' }, paths: paths(infos) };
}
