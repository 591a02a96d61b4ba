import { until } from '@cloudemy/testing';
import { type Supervised, supervise } from '@cloudemy/emulator-stack';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Restartable } from './restartable.js';

let launched: Supervised[];
let crashed: string[];
let part: Restartable;
beforeEach(() => {
  launched = [];
  crashed = [];
  part = new Restartable('sleeper', launch, (name) => crashed.push(name));
});
afterEach(() => part.close());

function launch(): Promise<Supervised> {
  const process = supervise(['/bin/sh', '-c', 'exec sleep 1000']);
  launched.push(process);
  return Promise.resolve(process);
}

test('what is killed stays down until it is started, and is no crash', async () => {
  await part.start();
  await part.kill();
  expect(await launched[0]?.exited).toBe(137);
  expect(launched).toHaveLength(1);
  await part.start();
  expect([launched.length, crashed]).toEqual([2, []]);
});

test('what runs is not started beside itself', async () => {
  await part.start();
  await part.start();
  expect(launched).toHaveLength(1);
});

test('what is down already meets no second end', async () => {
  await part.start();
  expect([await part.kill(), await part.kill(), await part.stop()]).toEqual([true, false, false]);
  expect(await part.pause()).toBeUndefined();
});

test('what is held goes on by the hand that held it, though it was told to end meanwhile', async () => {
  await part.start();
  const resume = await part.pause();
  const stopped = part.stop();
  resume?.();
  await stopped;
  expect(await launched[0]?.exited).toBe(143);
});

test('what ends by itself is a crash, and is started again', async () => {
  await part.start();
  launched[0]?.kill('SIGKILL');
  await until(() => launched.length === 2);
  expect(crashed).toEqual(['sleeper']);
});

test('what has never stood is given up after some tries, with the reason', async () => {
  let tries = 0;
  const hopeless = new Restartable(
    'hopeless',
    () => {
      tries += 1;
      return Promise.reject(new Error('no such program'));
    },
    () => {},
  );
  await expect(hopeless.start()).rejects.toThrow('no such program');
  expect(tries).toBe(3);
});

test('what has stood before is started until it stands again', async () => {
  let refusals = 0;
  const stubborn = new Restartable(
    'stubborn',
    () => (launched.length > 0 && refusals++ < 4 ? Promise.reject(new Error('not yet')) : launch()),
    () => {},
  );
  await stubborn.start();
  await stubborn.stop();
  await stubborn.start();
  expect([refusals, launched.length]).toEqual([5, 2]);
  await stubborn.close();
});

test('what is done while it is away is over before it starts, whoever starts it', async () => {
  await part.start();
  const seen: number[] = [];
  const replaced = part.replace(async () => {
    await launched[0]?.exited;
    seen.push(launched.length);
  });
  await launched[0]?.exited;
  await Promise.all([replaced, part.start()]);
  expect([seen, launched.length, crashed]).toEqual([[1], 2, []]);
});
