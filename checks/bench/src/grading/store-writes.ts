import { queueJobId } from '@cloudemy/contracts';
import { Queue } from 'bullmq';
import mongoose from 'mongoose';
import { type GradingStack, submissionOf } from './grading-stack.js';

/** The stores of a stack, written to as the backend does, without the backend. */
export interface StoreWrites {
  /** Inserts a document like that of a submission. */
  insert(): Promise<void>;
  /** Adds a message like that of a submission to a queue of its own. */
  enqueue(): Promise<void>;
  close(): Promise<void>;
}

export async function openStores(stack: GradingStack): Promise<StoreWrites> {
  const { submission_id: id } = await stack.backend.createSubmission({
    body: submissionOf(stack.assignmentId),
    headers: {},
  });
  const connection = await openDatabase(stack, 'cloudemy');
  const { _id: _, ...model } = await storedSubmission(connection, id);
  const queue = new Queue('bench', { connection: stack.redis, prefix: 'queue' });
  const copies = connection.collection('bench');
  const written = { w: 'majority', j: true } as const;
  let added = 0;
  return {
    async insert() {
      await copies.insertOne({ ...model }, { writeConcern: written });
    },
    async enqueue() {
      added += 1;
      const data = { submission_id: id, attempt: 1, user_id: id, enqueued_at: new Date().toISOString() };
      await queue.add('grade', data, {
        jobId: queueJobId(id, added),
        removeOnComplete: true,
        priority: added,
      });
    },
    async close() {
      await queue.close();
      await connection.close();
    },
  };
}

/** @param name of the database */
export async function openDatabase({ wiring }: GradingStack, name: string): Promise<mongoose.Connection> {
  return mongoose.createConnection(wiring.mongoUri, { dbName: name }).asPromise();
}

/** A submission's document as the backend stored it. */
export async function storedSubmission(
  connection: mongoose.Connection,
  id: string,
): Promise<Record<string, unknown>> {
  const stored = await connection.collection('submissions').findOne({ _id: new mongoose.Types.ObjectId(id) });
  if (stored === null) throw new Error(`the backend did not store submission ${id}`);
  return stored;
}
