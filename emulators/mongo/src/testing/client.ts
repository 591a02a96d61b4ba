import { mongo } from 'mongoose';

/** The official driver, as mongoose carries it. */
export const { MongoClient } = mongo;
export type MongoClient = mongo.MongoClient;
