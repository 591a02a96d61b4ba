import { expect, test } from '@jest/globals';
import { queueJobId, runnerJobName } from '@cloudemy/contracts';
import { newId } from '../testing/fixtures.js';
import { MissingJobs } from './missing-jobs.js';

/** A world of one active attempt, in which nothing else is. */
function world() {
  const id = newId();
  const seen = { known: new Set<string>(), queued: new Set<string>(), existing: new Set<string>() };
  const state = { ...seen, now: 0, asked: 0, failed: [] as string[], isActive: true };
  const rule = new MissingJobs({
    async *activeAttempts() {
      const since = '2026-01-01T00:00:00.000Z';
      if (state.isActive) yield { submission_id: id, attempt: 1, status: 'scheduled', since };
    },
    isKnown: (name) => state.known.has(name),
    isQueued: async (queueJob) => state.queued.has(queueJob),
    exists: async (name) => {
      state.asked += 1;
      return state.existing.has(name);
    },
    fail: async ({ submission_id }) => {
      state.failed.push(submission_id);
    },
    graceMs: 1_000,
    now: () => state.now,
  });
  const passes = async (...times: number[]) => {
    for (const now of times) {
      state.now = now;
      await rule.pass();
    }
  };
  return { id, state, passes };
}

test('an attempt with neither Job nor message fails after its grace, not before', async () => {
  const { id, state, passes } = world();
  await passes(0, 900);
  expect(state.failed).toEqual([]);
  await passes(1_000);
  expect(state.failed).toEqual([id]);
});

test('whose Job the watch shows is not even asked about', async () => {
  const { id, state, passes } = world();
  state.known.add(runnerJobName(id, 1));
  await passes(0, 5_000);
  expect([state.asked, state.failed]).toEqual([0, []]);
});

test.each(['queued', 'existing'] as const)('one that is %s after all does not fail', async (where) => {
  const { id, state, passes } = world();
  state[where].add(where === 'queued' ? queueJobId(id, 1) : runnerJobName(id, 1));
  await passes(0, 5_000);
  expect(state.failed).toEqual([]);
});

test('the grace begins anew for one that was seen in between', async () => {
  const { id, state, passes } = world();
  await passes(0);
  state.known.add(runnerJobName(id, 1));
  await passes(500);
  state.known.clear();
  await passes(1_100);
  expect(state.failed).toEqual([]);
});
