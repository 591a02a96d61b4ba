import { type IndexDescription, openCollection } from '@cloudemy/mongo';
import type { Collection, Connection, Types, mongo } from 'mongoose';

/** A file of a submission that is not part of its text: read one at a time, and by nobody who lists submissions. */
export interface StoredKeptFile {
  /** `{submission_id}/{path}` */
  _id: string;
  submission_id: Types.ObjectId;
  content: mongo.Binary | Buffer;
}

export type KeptFileCollection = Collection<StoredKeptFile>;

export const keptFileIndexes: IndexDescription[] = [{ key: { submission_id: 1 } }];

export const keptFileCollection = (connection: Connection): KeptFileCollection =>
  openCollection<StoredKeptFile>(connection, 'submission_files');

export const keptFileId = (submissionId: Types.ObjectId, path: string): string =>
  `${String(submissionId)}/${path}`;
