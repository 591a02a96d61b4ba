import { expect, test } from '@jest/globals';
import mongoose from 'mongoose';
import { databaseProblems, isDuplicateKey, isOutage } from './errors.js';

const { mongo } = mongoose;

const answered = (code: number, errorLabels: string[] = []) =>
  new mongo.MongoServerError({ message: `code ${code}`, code, errorLabels });

type Outcome = ConstructorParameters<typeof mongo.MongoBulkWriteError>[1];
const outcome: Outcome = Object.assign(Object.create(null), { getWriteConcernError: () => undefined });
const unconfirmed: Outcome = Object.assign(Object.create(null), {
  getWriteConcernError: () => ({ code: 64, errmsg: 'waiting for replication timed out' }),
});
const pool = { value: 'MongoPoolClosedError' };
const bulk = (code: number, labels: string[] = [], result = outcome) => {
  const error = new mongo.MongoBulkWriteError({ message: 'a bulk', code, writeErrors: [] }, result);
  for (const label of labels) error.addErrorLabel(label);
  return error;
};

test.each([
  ['HostUnreachable', 6],
  ['HostNotFound', 7],
  ['WriteConcernFailed', 64],
  ['NetworkTimeout', 89],
  ['ShutdownInProgress', 91],
  ['PrimarySteppedDown', 189],
  ['ExceededTimeLimit', 262],
  ['SocketException', 9001],
  ['NotWritablePrimary', 10_107],
  ['InterruptedAtShutdown', 11_600],
  ['InterruptedDueToReplStateChange', 11_602],
  ['NotPrimaryNoSecondaryOk', 13_435],
  ['NotPrimaryOrSecondary', 13_436],
  ['OutOfDiskSpace', 14_031],
])('%s is an outage: 503, to be tried again', (_name, code) => {
  expect(isOutage(answered(code))).toBe(true);
  expect(databaseProblems(answered(code))).toMatchObject({ code: 'unavailable', cause: { code } });
});

test.each([
  ['a connection that broke', new mongo.MongoNetworkError('connection 3 to 10.0.0.1:27017 closed')],
  ['a retryable write that failed for good', answered(1, ['RetryableWriteError'])],
  ['a bulk of writes that met an election', bulk(91)],
  ['a bulk of writes whose connection broke', bulk(1, ['RetryableWriteError'])],
  ['a bulk of writes that was not confirmed', bulk(1, [], unconfirmed)],
  ['a pool that was closed', Object.defineProperty(new mongo.MongoDriverError('closed'), 'name', pool)],
  ['a session that ended with its connection', new mongo.MongoExpiredSessionError()],
  ['a socket closed by its server', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })],
])('%s is an outage', (_name, error) => {
  expect(isOutage(error)).toBe(true);
});

test.each([
  ['a duplicate key', answered(11_000)],
  ['a duplicate key in a bulk', bulk(11_000)],
  ['a document that is too large', answered(10_334)],
  ['a bad operator', answered(9)],
  ['a missing right', answered(13)],
  ['a missing file', Object.assign(new Error('no such file'), { code: 'ENOENT' })],
  ['a fault of ours', new TypeError('x is undefined')],
])('%s is none: trying again would not help', (_name, error) => {
  expect(isOutage(error)).toBe(false);
  expect(databaseProblems(error)).toBeUndefined();
});

test('a duplicate key is told from other refusals', () => {
  expect(isDuplicateKey(answered(11_000))).toBe(true);
  expect(isDuplicateKey(answered(9))).toBe(false);
  expect(isDuplicateKey(Object.assign(new Error('E11000'), { code: 11_000 }))).toBe(false);
});

test('an outage closes the connection of the client, whose next one may reach a replica that works', () => {
  expect(databaseProblems(answered(91))).toMatchObject({
    status: 503,
    headers: { Connection: 'close', 'Retry-After': expect.anything() },
  });
});
