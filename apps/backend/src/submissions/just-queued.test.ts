import { expect, test } from '@jest/globals';
import mongoose from 'mongoose';
import { nothingYet } from './changes.js';
import { JustQueued } from './just-queued.js';
import type { StoredSubmission } from './model.js';

const now = new Date();
const id = () => new mongoose.Types.ObjectId();

function queued(attempt = 1): StoredSubmission {
  return {
    ...nothingYet,
    _id: id(),
    assignment_id: id(),
    user_id: id(),
    language: 'python',
    code: 'x'.repeat(1_000),
    code_bytes: 1_000,
    assignment: { version: 3, title: 't', description: 'd', rubric: { criteria: [] } },
    status: 'queued',
    attempt,
    requested_attempt: attempt,
    given_back: 0,
    regrade_id: null,
    seq: attempt,
    history: [],
    outbox: { attempt, since: now },
    not_before: null,
    max_score: 10,
    request_id: 'r',
    traceparent: null,
    created_at: now,
    status_since: now,
    updated_at: now,
  };
}

const refOf = ({ _id, attempt }: StoredSubmission) => ({ submission_id: String(_id), attempt });

test('tells once where a submission is, without its code', () => {
  const known = new JustQueued();
  const submission = queued();
  known.add(submission);
  const position = known.take(refOf(submission));
  expect(position).toMatchObject({
    _id: submission._id,
    status: 'queued',
    seq: 1,
    assignment: { version: 3 },
  });
  expect(JSON.stringify(position)).not.toContain('xxx');
  expect(known.take(refOf(submission))).toBeUndefined();
});

test('knows nothing of another attempt, and then nothing of the submission', () => {
  const known = new JustQueued();
  const submission = queued(2);
  known.add(submission);
  expect(known.take({ ...refOf(submission), attempt: 3 })).toBeUndefined();
  expect(known.take(refOf(submission))).toBeUndefined();
});

test('forgets the oldest when there are too many', () => {
  const known = new JustQueued();
  const all = Array.from({ length: 5_001 }, () => queued());
  for (const submission of all) known.add(submission);
  const found = all.filter((submission) => known.take(refOf(submission)) !== undefined);
  expect(found).toHaveLength(5_000);
  expect(found[0]).toBe(all[1]);
});
