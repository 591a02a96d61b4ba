import { type ErrorTranslator, ProblemError } from '@cloudemy/service';
import mongoose from 'mongoose';

const { mongo } = mongoose;

/** MongoDB's code for a value that a unique index has already (E11000). */
const duplicateKey = 11_000;

/** Whether a write lost against one that had the same unique value first. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof mongo.MongoServerError && error.code === duplicateKey;
}

/** The database cannot be used yet, or not any more. */
export function databaseUnavailable(cause?: unknown): ProblemError {
  return new ProblemError('unavailable', {
    detail: 'The database does not answer at the moment. Nothing was lost; try again shortly.',
    retryAfter: retryAfterSeconds,
    // The link of this replica alone may be broken: the next connection of the client may lead to another.
    headers: { Connection: 'close' },
    cause,
  });
}

const retryAfterSeconds = 2;

/** An outage of MongoDB becomes a 503 that says when to try again. */
export const databaseProblems: ErrorTranslator = (error) =>
  isOutage(error) ? databaseUnavailable(error) : undefined;

/** Whether an operation failed because MongoDB was out of reach or busy electing, not because of what it was. */
export function isOutage(error: unknown): boolean {
  if (error instanceof mongoose.MongooseError) {
    // The second is said while the connection is opened again.
    return error.name === 'MongooseServerSelectionError' || error.message.includes('bufferCommands = false');
  }
  if (!(error instanceof mongo.MongoError)) return isBrokenSocket(error);
  return (
    error instanceof mongo.MongoNetworkError ||
    error instanceof mongo.MongoServerSelectionError ||
    error instanceof mongo.MongoNotConnectedError ||
    error instanceof mongo.MongoTopologyClosedError ||
    error instanceof mongo.MongoClientClosedError ||
    error instanceof mongo.MongoWriteConcernError ||
    outageNames.has(error.name) ||
    // Said by an operation whose connection was opened again while it waited for its turn.
    error instanceof mongo.MongoExpiredSessionError ||
    error.hasErrorLabel('RetryableWriteError') ||
    error.hasErrorLabel('TransientTransactionError') ||
    outageCodes.has(Number(error.code)) ||
    (error instanceof mongo.MongoBulkWriteError && bulkMetOutage(error))
  );
}

type BulkWriteError = InstanceType<typeof mongo.MongoBulkWriteError>;

/** A bulk of writes tells what stopped it in many places. */
function bulkMetOutage({ err, cause, code, writeErrors, result }: BulkWriteError): boolean {
  const confirmed = result.getWriteConcernError();
  const errors = Array.isArray(writeErrors) ? writeErrors : [writeErrors];
  return (
    (cause !== undefined && isOutage(cause)) ||
    (err instanceof Error && isOutage(err)) ||
    confirmed !== undefined ||
    // Of a connection that broke the driver keeps the words alone: no server has said anything.
    (errors.length === 0 && code === undefined) ||
    errors.some((one) => outageCodes.has(Number(one.code)))
  );
}

/** Faults of the pool of connections. */
const outageNames = new Set([
  'MongoWaitQueueTimeoutError',
  'MongoPoolClosedError',
  'MongoPoolClearedError',
  'MongoServerClosedError',
  'MongoOperationTimeoutError',
]);

/**
 * What a server says that is shutting down, electing, or not the primary any more
 * (https://github.com/mongodb/specifications/blob/master/source/server-discovery-and-monitoring/server-discovery-and-monitoring.md),
 * whose replicas did not confirm in time, or whose disk is full (14031).
 */
const outageCodes = new Set([
  6, 7, 64, 89, 91, 189, 262, 9_001, 10_107, 11_600, 11_602, 13_435, 13_436, 14_031,
]);

/** The driver passes some errors of a socket that its server has just closed through as they are. */
const socketErrors = new Set(['EPIPE', 'ECONNRESET', 'ECONNREFUSED', 'ECONNABORTED', 'ETIMEDOUT']);

function isBrokenSocket(error: unknown): boolean {
  return error instanceof Error && 'code' in error && socketErrors.has(String(error.code));
}
