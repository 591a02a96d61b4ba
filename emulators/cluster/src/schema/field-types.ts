import { readFileSync } from 'node:fs';

/** Written by scripts/field-types.mjs; lies beside src and dist. */
const file = new URL('../../field-types.txt', import.meta.url);

export type Scalar =
  | 'string'
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'double'
  | 'byte'
  | 'quantity'
  | 'time'
  | 'microTime'
  | 'intOrString'
  | 'any';

/** The type of a field. */
export type FieldType =
  | { form: 'scalar'; scalar: Scalar }
  | { form: 'struct'; name: string }
  | { form: 'list'; items: FieldType }
  | { form: 'map'; values: FieldType };

const scalars = new Set<string>([
  'string',
  'boolean',
  'int32',
  'int64',
  'double',
  'byte',
  'quantity',
  'time',
  'microTime',
  'intOrString',
  'any',
]);

function isScalar(text: string): text is Scalar {
  return scalars.has(text);
}

function parseType(text: string): FieldType {
  if (text.startsWith('[')) {
    return { form: 'list', items: parseType(text.slice(1, -1)) };
  }
  if (text.startsWith('{')) {
    return { form: 'map', values: parseType(text.slice(1, -1)) };
  }
  return isScalar(text) ? { form: 'scalar', scalar: text } : { form: 'struct', name: text };
}

export type Struct = ReadonlyMap<string, FieldType>;

/** Lines are `apiVersion Kind = Struct` or `Struct field:type field:type …`. */
function load(): { roots: Map<string, string>; structs: Map<string, Struct> } {
  const roots = new Map<string, string>();
  const structs = new Map<string, Struct>();
  for (const line of readFileSync(file, 'utf8').trimEnd().split('\n')) {
    const [kind, root] = line.split(' = ');
    if (kind !== undefined && root !== undefined) {
      roots.set(kind, root);
      continue;
    }
    const [name = '', ...fields] = line.split(' ');
    const types = fields.map((field): [string, FieldType] => {
      const colon = field.indexOf(':');
      return [field.slice(0, colon), parseType(field.slice(colon + 1))];
    });
    structs.set(name, new Map(types));
  }
  return { roots, structs };
}

const { roots, structs } = load();

/** Name of the struct of an `apiVersion` and `kind`. */
export function rootType(apiVersion: string, kind: string): string | undefined {
  return roots.get(`${apiVersion} ${kind}`);
}

/** The fields of a struct; undefined for a name that is none. */
export function struct(name: string): Struct | undefined {
  return structs.get(name);
}
