import { expect, test } from '@jest/globals';
import { WorkerWatchdog } from './worker-watchdog.js';

const idle = { isRunning: true, taken: 0, hasFreeHands: true };

async function turns(worker: typeof idle, waiting: number | undefined): Promise<number> {
  let turned = 0;
  const pulse = new WorkerWatchdog({
    worker,
    waiting: () => Promise.resolve(waiting),
    turned: () => (turned += 1),
  });
  await pulse.look();
  return turned;
}

test.each([
  ['messages wait, hands are free and none is taken', idle, 3, 0],
  ['the worker has ended', { ...idle, isRunning: false }, 0, 0],
  ['nothing waits', idle, 0, 1],
  ['messages are taken', { ...idle, taken: 2 }, 3, 1],
  ['all hands are full', { ...idle, hasFreeHands: false }, 3, 1],
  ['Redis does not say what waits', idle, undefined, 1],
])('when %s', async (_, worker, waiting, turned) => {
  expect(await turns(worker, waiting)).toBe(turned);
});

test('what was taken before the last look is no sign of life', async () => {
  let turned = 0;
  const worker = { ...idle, taken: 2 };
  const pulse = new WorkerWatchdog({
    worker,
    waiting: () => Promise.resolve(1),
    turned: () => (turned += 1),
  });
  await pulse.look();
  await pulse.look();
  expect(turned).toBe(1);
});
