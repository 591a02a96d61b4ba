import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { complete, jobOf, newId } from '../testing/fixtures.js';
import { type Slot, ConcurrencyLimiter } from './concurrency-limiter.js';

const never = new AbortController().signal;

/** Lets everything that can go on go on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('holds back what exceeds the cap until a Job finishes', async () => {
  const room = new ConcurrencyLimiter(() => 2);
  const [first, second] = [newId(), newId()];
  room.observe(jobOf(first));
  (await room.reserve(`runner-${second}`, never)).confirm();
  const third = room.reserve('runner-3', never);
  await settle();
  expect([room.inFlight, room.waiting]).toEqual([2, 1]);
  room.observe(jobOf(first, [complete]));
  await third;
  expect([room.inFlight, room.waiting]).toEqual([2, 0]);
});

test('a created Job counts once, whether the watch is ahead or behind', async () => {
  const room = new ConcurrencyLimiter(() => 10);
  const behind = newId();
  (await room.reserve(`runner-${behind}`, never)).confirm();
  expect(room.inFlight).toBe(1);
  room.observe(jobOf(behind));
  expect(room.inFlight).toBe(1);
  const ahead = newId();
  const place = await room.reserve(`runner-${ahead}`, never);
  room.observe(jobOf(ahead));
  expect(room.inFlight).toBe(2);
  place.confirm();
  expect(room.inFlight).toBe(2);
  room.forget(jobOf(ahead));
  room.forget(jobOf(behind));
  expect(room.inFlight).toBe(0);
});

test('a place not used is free again', async () => {
  const room = new ConcurrencyLimiter(() => 1);
  const place = await room.reserve('runner-1', never);
  const next = room.reserve('runner-2', never);
  place.release();
  await next;
  expect(room.inFlight).toBe(1);
});

test('whoever stops waiting leaves the line', async () => {
  const room = new ConcurrencyLimiter(() => 1);
  const held = await room.reserve('runner-1', never);
  const stop = new AbortController();
  const waiting = room.reserve('runner-2', stop.signal);
  stop.abort(new Error('stopping'));
  await expect(waiting).rejects.toThrow('stopping');
  const next = room.reserve('runner-3', never);
  held.release();
  await next;
  expect(room.waiting).toBe(0);
});

test('a full list mends a count that single events got wrong', () => {
  const room = new ConcurrencyLimiter(() => 5);
  for (let n = 0; n < 5; n += 1) room.observe(jobOf(newId()));
  const left = jobOf(newId());
  room.replace([left, jobOf(newId(), [complete])]);
  expect(room.inFlight).toBe(1);
});

test('never lets in more than the cap, and never forgets a place', async () => {
  const waitingLine = ['reserve', 'reserve', 'reserve', 'create', 'create'];
  const events = fc.array(fc.constantFrom(...waitingLine, 'fail', 'finish', 'relist'), {
    minLength: 30,
    maxLength: 80,
  });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), events, async (max, steps) => {
      const room = new ConcurrencyLimiter(() => max);
      const places: { id: string; place: Slot }[] = [];
      const live: string[] = [];
      for (const step of steps) {
        if (step === 'reserve') {
          const id = newId();
          void room.reserve(`runner-${id}`, never).then((place) => places.push({ id, place }));
        } else if (step === 'finish') {
          const id = live.shift();
          if (id !== undefined) room.observe(jobOf(id, [complete]));
        } else if (step === 'relist') {
          room.replace(live.map((id) => jobOf(id)));
        } else {
          const next = places.shift();
          if (step === 'create' && next !== undefined) {
            next.place.confirm();
            live.push(next.id);
            room.observe(jobOf(next.id));
          } else next?.place.release();
        }
        await settle();
        expect(room.inFlight).toBe(live.length + places.length);
        expect(room.inFlight).toBeLessThanOrEqual(max);
        expect(room.waiting === 0 || room.inFlight === max).toBe(true);
      }
    }),
    { numRuns: 100 },
  );
});
