import { createHash } from 'node:crypto';
import type { FieldType } from '../schema/field-types.js';
import { rootType, struct } from '../schema/field-types.js';
import type { KindInfo } from '../schema/kinds.js';
import { apiVersion, kinds } from '../schema/kinds.js';

type Document = Record<string, unknown>;

const scalarSchemas: Readonly<Record<string, Document>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  byte: { type: 'string', format: 'byte' },
  quantity: { type: 'string' },
  time: { type: 'string', format: 'date-time' },
  microTime: { type: 'string', format: 'date-time' },
  intOrString: { 'x-kubernetes-int-or-string': true },
  any: { type: 'object' },
};

function schemaOf(type: FieldType, visit: (name: string) => void): Document {
  switch (type.form) {
    case 'scalar':
      return scalarSchemas[type.scalar] ?? {};
    case 'struct':
      visit(type.name);
      return { $ref: `#/components/schemas/${type.name}` };
    case 'list':
      return { type: 'array', items: schemaOf(type.items, visit) };
    case 'map':
      return { type: 'object', additionalProperties: schemaOf(type.values, visit) };
    default:
      return {};
  }
}

/** The schemas of some kinds and of everything they are made of. */
function schemas(infos: readonly KindInfo[]): Document {
  const found: Document = {};
  const visit = (name: string): void => {
    if (name in found) {
      return;
    }
    const properties: Document = {};
    const schema: Document = { type: 'object', properties };
    found[name] = schema;
    for (const [field, type] of struct(name) ?? []) {
      properties[field] = schemaOf(type, visit);
    }
  };
  for (const info of infos) {
    const name = rootType(apiVersion(info), info.kind);
    if (name !== undefined) {
      visit(name);
      const { group, version, kind } = info;
      const schema = found[name];
      if (typeof schema === 'object' && schema !== null) {
        Object.assign(schema, { 'x-kubernetes-group-version-kind': [{ group, version, kind }] });
      }
    }
  }
  return found;
}

const writeParameters = ['dryRun', 'fieldManager', 'fieldValidation'];

function parameter(name: string): Document {
  return { name, in: 'query', schema: { type: 'string', uniqueItems: true } };
}

function operation(info: KindInfo, action: string, names: readonly string[]): Document {
  const { group, version, kind } = info;
  return {
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, version, kind },
    parameters: names.map(parameter),
    responses: { '200': { description: 'OK' } },
  };
}

function paths(infos: readonly KindInfo[]): Document {
  const found: Document = {};
  for (const info of infos) {
    const root = info.group === '' ? `/api/${info.version}` : `/apis/${apiVersion(info)}`;
    const collection = `${root}${info.namespaced ? '/namespaces/{namespace}' : ''}/${info.plural}`;
    found[collection] = {
      get: operation(info, 'list', ['labelSelector', 'fieldSelector', 'limit', 'continue', 'watch']),
      post: operation(info, 'post', writeParameters),
    };
    found[`${collection}/{name}`] = {
      get: operation(info, 'get', []),
      put: operation(info, 'put', writeParameters),
      patch: operation(info, 'patch', [...writeParameters, 'force']),
      delete: operation(info, 'delete', ['dryRun', 'gracePeriodSeconds', 'propagationPolicy']),
    };
  }
  return found;
}

const info = { title: 'Kubernetes', version: '1.36' };
const roots = new Map<string, KindInfo[]>();
for (const kind of kinds) {
  const root = kind.group === '' ? `api/${kind.version}` : `apis/${apiVersion(kind)}`;
  roots.set(root, [...(roots.get(root) ?? []), kind]);
}

function hash(text: string): string {
  return createHash('sha512').update(text).digest('hex').toUpperCase();
}

const texts = new Map<string, string>();

function cached(key: string, build: () => Document): string {
  const text = texts.get(key) ?? JSON.stringify(build());
  texts.set(key, text);
  return text;
}

/** The index of `/openapi/v3`. */
export function openApiIndex(): Document {
  const entries = [...roots.keys()].map((root): [string, Document] => {
    const tag = hash(openApiV3(root) ?? root);
    return [root, { serverRelativeURL: `/openapi/v3/${root}?hash=${tag}` }];
  });
  return { paths: Object.fromEntries(entries) };
}

/** The OpenAPI 3 document of one group version (`apis/batch/v1`) as JSON. */
export function openApiV3(root: string): string | undefined {
  const infos = roots.get(root);
  return infos === undefined
    ? undefined
    : cached(root, () => ({
        openapi: '3.0.0',
        info,
        paths: paths(infos),
        components: { schemas: schemas(infos) },
      }));
}
