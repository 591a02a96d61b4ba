import { z } from 'zod';

export type Json = Record<string, unknown>;
type Direction = 'input' | 'output';

const refPrefix = '#/$defs/';

/**
 * Collects schemas that have an id under `components/schemas` and hands out references to them. What a client
 * sends can differ from what it gets (defaults, unknown fields): then the sent side is called `…Input`.
 */
export class SchemaComponents {
  readonly schemas: Record<string, Json> = {};
  private readonly fingerprints = new Map<string, string>();

  /** The JSON Schema of a Zod schema, its named parts replaced by references. */
  add(schema: z.ZodType, direction: Direction): Json {
    const id = z.globalRegistry.get(schema)?.id;
    const {
      $schema: _,
      $defs = {},
      ...root
    } = z.toJSONSchema(schema, { io: direction, unrepresentable: 'any' });
    const definitions: Record<string, object> = { ...(id === undefined ? {} : { [id]: root }), ...$defs };
    const names = new Map(
      Object.keys(definitions).map((name) => [name, this.nameFor(name, definitions, direction)]),
    );
    for (const [name, definition] of Object.entries(definitions)) {
      this.schemas[names.get(name) ?? name] ??= withReferences(definition, names, id);
    }
    return id === undefined
      ? withReferences(root, names, id)
      : { $ref: `#/components/schemas/${names.get(id) ?? id}` };
  }

  private nameFor(id: string, definitions: Record<string, object>, direction: Direction): string {
    const fingerprint = fingerprintOf(id, definitions);
    const known = this.fingerprints.get(id);
    if (known === undefined) this.fingerprints.set(id, fingerprint);
    return direction === 'output' || known === undefined || known === fingerprint ? id : `${id}Input`;
  }
}

/** A definition together with all it refers to, as text: equal texts mean equal schemas. */
function fingerprintOf(id: string, definitions: Record<string, object>): string {
  const seen = new Set<string>();
  const visit = (name: string): string => {
    if (seen.has(name)) return name;
    seen.add(name);
    const text = JSON.stringify(definitions[name]);
    const refs = [...text.matchAll(/"#\/\$defs\/([^"]+)"/g)].flatMap(([, ref]) =>
      ref === undefined ? [] : [ref],
    );
    return [text, ...refs.map(visit)].join();
  };
  return visit(id);
}

function withReferences(
  definition: object,
  names: ReadonlyMap<string, string>,
  root: string | undefined,
): Json {
  const point = (ref: string): string => {
    const name = ref === '#' ? (root ?? '') : ref.slice(refPrefix.length);
    return `#/components/schemas/${names.get(name) ?? name}`;
  };
  const walk = (key: string, value: unknown): unknown => {
    if (key === '$ref' && typeof value === 'string') return point(value);
    if (Array.isArray(value)) return value.map((item) => walk('', item));
    return typeof value === 'object' && value !== null ? entries(value) : value;
  };
  const entries = (value: object): Json =>
    Object.fromEntries(Object.entries(value).map(([key, child]) => [key, walk(key, child)]));
  // `id` is Zod's own name for the schema, not a JSON Schema keyword.
  const { id: _, ...json } = entries(definition);
  return json;
}
