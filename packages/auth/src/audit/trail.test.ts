import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startLocalMongo } from '@cloudemy/emulator-mongo';
import { createLogger } from '@cloudemy/service';
import mongoose, { type Connection } from 'mongoose';
import { auditModel } from './model.js';
import { listAudit } from './routes.js';
import { AuditTrail } from './trail.js';

const log = createLogger('audit', 'silent');
let mongo: Awaited<ReturnType<typeof startLocalMongo>>;
let connection: Connection;
beforeAll(async () => {
  mongo = await startLocalMongo();
  connection = await mongoose.createConnection(mongo.uri, { dbName: 'audit' }).asPromise();
});
afterAll(async () => {
  await connection.close();
  await mongo.close();
});

const query = { limit: 50 };

test('what was begun and not ended is on record; what was done is one record', async () => {
  const model = auditModel(connection, 'backend');
  await model.createIndexes();
  const trail = new AuditTrail(model, log, { retentionDays: 180 });
  await trail.begin({ event: 'cutOff', user_id: 'ann' });
  const complete = await trail.begin({ event: 'updateUser', user_id: 'ann' });
  await complete({ outcome: 'succeeded', detail: 'student to admin' });
  const { items } = (await listAudit(model, 'backend', query)).body;
  expect(items).toMatchObject([
    { event: 'updateUser', outcome: 'succeeded', detail: 'student to admin', count: 1, service: 'backend' },
    { event: 'cutOff', outcome: 'begun' },
  ]);
});

test('a record is bounded whoever chose its texts, and ends with its time', async () => {
  const model = auditModel(connection, 'deployer');
  const trail = new AuditTrail(model, log, { retentionDays: 180 });
  const objects = Array.from({ length: 5_000 }, (_, index) => `ConfigMap/${'n'.repeat(250)}-${index}`);
  await trail.record({ event: 'deployed', detail: 'x'.repeat(1_000_000), objects });
  const stored = await model.findOne({ event: 'deployed' }).lean();
  expect(stored?.detail).toHaveLength(300);
  expect(stored?.objects).toHaveLength(100);
  expect(stored?.objects.at(-1)).toBe('… and 4901 more');
  expect(stored?.expires_at?.getTime()).toBe((stored?.at.getTime() ?? 0) + 180 * 86_400_000);
});

test('what cannot be recorded must not be done; what has happened is no fault of who did it', async () => {
  const gone = await mongoose
    .createConnection(mongo.uri, { dbName: 'audit', bufferCommands: false, autoIndex: false })
    .asPromise();
  const model = auditModel(gone, 'backend');
  await gone.close();
  const trail = new AuditTrail(model, log, { retentionDays: 180 });
  await expect(trail.begin({ event: 'updateUser' })).rejects.toMatchObject({ code: 'unavailable' });
  await expect(trail.record({ event: 'terminal_opened' })).rejects.toMatchObject({ code: 'unavailable' });
  trail.note({ event: 'login' });
  await trail.flush();
});
