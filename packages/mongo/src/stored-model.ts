import { type Connection, type Model, Schema, type SchemaDefinition } from 'mongoose';

/**
 * The schema of a collection as it is stored: nothing beside the named fields gets in, and no version key is
 * added. Here, in one generic place, the compiler compares mongoose's types once; at each collection it would
 * take it seconds.
 */
export function storedSchema<Stored>(
  definition: SchemaDefinition<Stored>,
  collection: string,
): Schema<Stored> {
  return new Schema<Stored>(definition, { collection, versionKey: false, strict: 'throw', minimize: false });
}

/** The model of a collection. */
export function storedModel<Stored>(
  connection: Connection,
  name: string,
  schema: Schema<Stored>,
): Model<Stored> {
  return connection.model<Stored>(name, schema);
}
