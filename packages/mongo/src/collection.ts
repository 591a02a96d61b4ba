import type { Collection, Connection, mongo } from 'mongoose';
import { z } from 'zod';

/** An index that a collection needs. */
export type IndexDescription = mongo.IndexDescription;

/** What is read of a document, as a schema says it. */
export interface Projection<Row> {
  readonly projection: Readonly<Record<string, 1>>;
  /** Never there: it carries the type. */
  readonly row?: Row;
}

/**
 * The projection that reads a part of what is stored. Neither it nor its type is written down beside the schema:
 *
 *     const place = projectionOf(StoredThing, StoredThing.pick({ _id: true, status: true }));
 *     await things.findOne<Projected<typeof place>>({ _id }, place);
 *
 * @param whole what is stored
 * @param part the same fields, or parts of them
 */
export function projectionOf<Part extends z.ZodObject>(
  whole: z.ZodObject,
  part: Part,
): Projection<z.output<Part>> {
  return { projection: Object.fromEntries(pathsOf(whole, part).map((path) => [path, 1])) };
}

/** What is read with a projection. */
export type Projected<P> = P extends Projection<infer Row> ? Row : never;

/** A field that is declared again is read in parts, one that is the same schema as a whole. */
function pathsOf(whole: z.ZodObject, part: z.ZodObject): string[] {
  return Object.entries(part.shape).flatMap(([name, field]) => {
    const stored = whole.shape[name];
    const inner = objectIn(field);
    const outer = stored === undefined ? undefined : objectIn(stored);
    if (field === stored || inner === undefined || outer === undefined) return [name];
    return pathsOf(outer, inner).map((path) => `${name}.${path}`);
  });
}

function objectIn(field: unknown): z.ZodObject | undefined {
  if (field instanceof z.ZodObject) return field;
  if (field instanceof z.ZodOptional || field instanceof z.ZodNullable) return objectIn(field.unwrap());
  return undefined;
}

/**
 * A collection of the driver, typed by what is stored, on a connection that may stand later. For what requests do
 * thousands of times: mongoose's documents and casts cost more than the question
 * (docs/adr/0047-a-submission-declared-once.md).
 */
export function openCollection<Stored extends object>(
  connection: Connection,
  name: string,
): Collection<Stored> {
  return connection.collection<Stored>(name);
}
