import mongoose from 'mongoose';
import { openStores } from '../stores.js';
import type { StoredSubmission } from '../submissions/model.js';
import { resultFaults, submissionFaults } from './faults.js';

/** A submission as the database has it. */
export interface Audited {
  submissionId: string;
  status: StoredSubmission['status'];
  attempts: number;
  /** Grades that were accepted; requests to grade again lead to more than one. */
  grades: number;
  /** What is wrong with it, in words. */
  faults: string[];
}

/**
 * Reads every submission with its results and holds them against the table of states. Writes nothing.
 *
 * @throws what MongoDB throws
 */
export async function audit(mongoUri: string, dbName: string): Promise<Audited[]> {
  const connection = mongoose.createConnection();
  const { submissions, results } = openStores(connection);
  try {
    await connection.openUri(mongoUri, { dbName, autoIndex: false, autoCreate: false });
    const audited: Audited[] = [];
    for await (const submission of submissions.find({}, { sort: { _id: 1 } })) {
      const own = await results.find({ submission_id: submission._id }).toArray();
      audited.push({
        submissionId: String(submission._id),
        status: submission.status,
        attempts: submission.attempt,
        grades: own.filter(({ accepted, verdict }) => accepted === true && verdict.kind === 'graded').length,
        faults: [...submissionFaults(submission), ...resultFaults(submission, own)],
      });
    }
    return audited;
  } finally {
    await connection.close();
  }
}
