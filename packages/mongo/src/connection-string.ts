import { z } from 'zod';

/**
 * A MongoDB connection string. Not a URL to a URL parser: a replica set's names several hosts
 * (https://www.mongodb.com/docs/manual/reference/connection-string/).
 */
export const ConnectionString = z
  .string()
  .regex(
    /^mongodb(\+srv)?:\/\/[^\s/]+(\/\S*)?$/,
    'must be a MongoDB connection string, such as mongodb://host:27017 or mongodb://a,b,c/?replicaSet=rs0',
  );
