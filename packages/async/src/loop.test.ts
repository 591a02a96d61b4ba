import { expect, test } from '@jest/globals';
import { Loop } from './index.js';

const anHour = 3_600_000;

test('a loop takes its next turn after one that failed, and says what failed', async () => {
  const errors: unknown[] = [];
  const { promise: twice, resolve } = Promise.withResolvers<void>();
  let turns = 0;
  const loop = new Loop({
    everyMs: 0,
    run: async () => {
      turns += 1;
      if (turns === 2) resolve();
      throw new Error(`turn ${turns}`);
    },
    onError: (error) => errors.push(error),
  }).start();
  await twice;
  await loop.stop();
  expect(errors.slice(0, 2)).toEqual([new Error('turn 1'), new Error('turn 2')]);
});

test('a loop that is asked to turn soon does not wait out its pause', async () => {
  const paused = Promise.withResolvers<void>();
  const again = Promise.withResolvers<void>();
  let turns = 0;
  const loop = new Loop({
    everyMs: anHour,
    jitter: 0.25,
    run: async () => {
      turns += 1;
      if (turns === 2) again.resolve();
    },
    onTurn: paused.resolve,
  }).start();
  await paused.promise;
  loop.soon();
  await again.promise;
  await loop.stop();
  expect(turns).toBe(2);
});

test('a loop that pauses first takes no turn when it is stopped in that pause', async () => {
  let turns = 0;
  const run = async (): Promise<void> => {
    turns += 1;
  };
  await new Loop({ everyMs: anHour, pauseFirst: true, run }).start().stop();
  expect(turns).toBe(0);
});

test('stopping waits for the turn under way', async () => {
  const turn = Promise.withResolvers<void>();
  let ended = false;
  const loop = new Loop({ everyMs: anHour, run: () => turn.promise }).start();
  const stopped = loop.stop().then(() => {
    ended = true;
  });
  await Promise.resolve();
  expect(ended).toBe(false);
  turn.resolve();
  await stopped;
  expect(ended).toBe(true);
});
