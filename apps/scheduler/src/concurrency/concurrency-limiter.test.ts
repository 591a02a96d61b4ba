import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { complete, jobOf, newId } from '../testing/fixtures.js';
import { ConcurrencyLimiter, type Slot } from './concurrency-limiter.js';

const slotFor = (limiter: ConcurrencyLimiter, id: string): Slot => {
  const slot = limiter.acquire(`runner-${id}`);
  if (slot === undefined) throw new Error('no slot');
  return slot;
};

test('gives no slot beyond the limit until a Job finishes', () => {
  const limiter = new ConcurrencyLimiter(() => 2);
  const [first, second] = [newId(), newId()];
  limiter.observe(jobOf(first));
  slotFor(limiter, second).confirm();
  expect([limiter.inFlight, limiter.available, limiter.acquire('runner-3')]).toEqual([2, 0, undefined]);
  limiter.observe(jobOf(first, [complete]));
  expect(limiter.available).toBe(1);
});

test('a created Job counts once, whether the watch is ahead or behind', () => {
  const limiter = new ConcurrencyLimiter(() => 10);
  const behind = newId();
  slotFor(limiter, behind).confirm();
  expect(limiter.inFlight).toBe(1);
  limiter.observe(jobOf(behind));
  expect(limiter.inFlight).toBe(1);
  const ahead = newId();
  const slot = slotFor(limiter, ahead);
  limiter.observe(jobOf(ahead));
  expect(limiter.inFlight).toBe(2);
  slot.confirm();
  expect(limiter.inFlight).toBe(2);
  limiter.forget(jobOf(ahead));
  limiter.forget(jobOf(behind));
  expect(limiter.inFlight).toBe(0);
});

test('a Job that finishes before its creation is answered takes no slot afterwards', () => {
  const limiter = new ConcurrencyLimiter(() => 1);
  const id = newId();
  const slot = slotFor(limiter, id);
  limiter.observe(jobOf(id, [complete]));
  slot.confirm();
  expect(limiter.inFlight).toBe(0);
});

test('a Job that is there already takes no second slot, and needs none to be found', () => {
  const limiter = new ConcurrencyLimiter(() => 1);
  const id = newId();
  limiter.observe(jobOf(id));
  slotFor(limiter, id).confirm();
  expect(limiter.inFlight).toBe(1);
});

test('a slot that is not used is free again, and that is told', () => {
  const limiter = new ConcurrencyLimiter(() => 1);
  const told: number[] = [];
  limiter.onChange(() => told.push(limiter.available));
  const slot = slotFor(limiter, newId());
  expect([limiter.available, limiter.creating]).toEqual([0, 1]);
  slot.release();
  expect([limiter.available, limiter.creating, told.at(-1)]).toEqual([1, 0, 1]);
});

test('a full list mends a count that single events got wrong', () => {
  const limiter = new ConcurrencyLimiter(() => 5);
  for (let n = 0; n < 5; n += 1) limiter.observe(jobOf(newId()));
  const left = jobOf(newId());
  limiter.replace([left, jobOf(newId(), [complete])]);
  expect(limiter.inFlight).toBe(1);
});

test('never lets in more than the limit, and never forgets a slot', () => {
  const events = fc.array(fc.constantFrom('acquire', 'acquire', 'create', 'fail', 'finish', 'relist'), {
    minLength: 30,
    maxLength: 80,
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), events, (max, steps) => {
      const limiter = new ConcurrencyLimiter(() => max);
      const slots: { id: string; slot: Slot }[] = [];
      const live: string[] = [];
      for (const step of steps) {
        if (step === 'acquire') {
          const id = newId();
          const slot = limiter.acquire(`runner-${id}`);
          if (slot !== undefined) slots.push({ id, slot });
        } else if (step === 'finish') {
          const id = live.shift();
          if (id !== undefined) limiter.observe(jobOf(id, [complete]));
        } else if (step === 'relist') {
          limiter.replace(live.map((id) => jobOf(id)));
        } else {
          const next = slots.shift();
          if (step === 'create' && next !== undefined) {
            next.slot.confirm();
            live.push(next.id);
            limiter.observe(jobOf(next.id));
          } else next?.slot.release();
        }
        expect(limiter.inFlight).toBe(live.length + slots.length);
        expect(limiter.inFlight + limiter.available).toBe(max);
      }
    }),
    { numRuns: 100 },
  );
});
