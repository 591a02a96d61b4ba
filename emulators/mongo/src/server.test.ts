import { describe, expect, it } from '@jest/globals';
import { Schema } from 'mongoose';
import { startHarness } from './testing/harness.js';

describe('mongoose over the wire', () => {
  it('creates, reads, updates, lists and deletes', async () => {
    await using harness = await startHarness();
    const schema = new Schema({ title: String, points: Number, tags: [String] }, { timestamps: true });
    const Assignment = harness.connection.model('Assignment', schema);
    const created = await Assignment.create({ title: 'Sorting', points: 10, tags: ['a', 'b'] });
    expect(await Assignment.findById(created._id).lean()).toMatchObject({ title: 'Sorting', points: 10 });

    const changed = await Assignment.findOneAndUpdate(
      { _id: created._id },
      { $inc: { points: 5 }, $push: { tags: 'c' } },
      { returnDocument: 'after' },
    );
    expect(changed?.points).toBe(15);
    expect(changed?.tags).toEqual(['a', 'b', 'c']);
    expect(await Assignment.countDocuments({ tags: 'c' })).toBe(1);
    expect(await Assignment.countDocuments()).toBe(1);
    expect((await Assignment.deleteOne({ _id: created._id })).deletedCount).toBe(1);
    expect(await Assignment.exists({})).toBeNull();
  });

  it('lets exactly one of a hundred racing updates win', async () => {
    await using harness = await startHarness();
    const jobs = harness.db.collection<{ _id: number; state: string; winner?: number }>('jobs');
    await jobs.insertOne({ _id: 1, state: 'queued' });
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, winner) =>
        jobs.findOneAndUpdate({ _id: 1, state: 'queued' }, { $set: { state: 'running', winner } }),
      ),
    );
    expect(results.filter((result) => result !== null)).toHaveLength(1);
  });

  it('keeps unique indexes under concurrent inserts and names the key', async () => {
    await using harness = await startHarness();
    const users = harness.db.collection('users');
    await users.createIndex({ email: 1 }, { unique: true });
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () => users.insertOne({ email: 'a@b.c' })),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(users.insertOne({ email: 'a@b.c' })).rejects.toMatchObject({
      code: 11_000,
      keyPattern: { email: 1 },
      keyValue: { email: 'a@b.c' },
      message: expect.stringContaining(
        'E11000 duplicate key error collection: test.users index: email_1 dup key: { email: "a@b.c" }',
      ),
    });
  });
});
