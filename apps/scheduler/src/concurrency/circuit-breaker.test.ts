import { until } from '@cloudemy/testing';
import { expect, test } from '@jest/globals';
import { CircuitBreaker, CircuitOpenError } from './circuit-breaker.js';

/** A breaker before something that is out until told otherwise; notes what was called. */
function breaking() {
  const state = { isOut: true, probes: 0, works: 0, events: [] as string[] };
  const breaker = new CircuitBreaker({
    name: 'the cluster',
    isOutage: (error) => error instanceof Error && error.message === 'out',
    probe: async () => {
      state.probes += 1;
      if (state.isOut) throw new Error('out');
    },
    onOpen: () => state.events.push('open'),
    onClose: () => state.events.push('close'),
    firstRetryMs: 1,
    maxRetryMs: 4,
  });
  const work = async (): Promise<string> => {
    state.works += 1;
    if (state.isOut) throw new Error('out');
    return 'done';
  };
  return { state, breaker, work };
}

test('an outage opens the circuit: work is refused at once, and only probes find out that it is over', async () => {
  const { state, breaker, work } = breaking();
  await expect(breaker.run(work)).rejects.toThrow(CircuitOpenError);
  await expect(breaker.run(work)).rejects.toThrow('the cluster cannot be used: out');
  expect([breaker.permits, state.works]).toEqual([0, 1]);
  await until(() => state.probes > 3);
  expect(breaker.permits).toBe(0);
  state.isOut = false;
  await until(() => breaker.permits === 1);
  await expect(breaker.run(work)).resolves.toBe('done');
  expect([breaker.permits, breaker.outage, state.events]).toEqual([
    Number.POSITIVE_INFINITY,
    undefined,
    ['open', 'close'],
  ]);
  breaker.stop();
});

test('after a probe one piece of work is let through, and opens the circuit again if it fails', async () => {
  const { state, breaker, work } = breaking();
  await breaker.run(work).catch(() => {});
  state.isOut = false;
  await until(() => breaker.permits === 1);
  const { promise, reject } = Promise.withResolvers<string>();
  const trial = breaker.run(() => promise);
  expect(breaker.permits).toBe(0);
  await expect(breaker.run(work)).rejects.toThrow(CircuitOpenError);
  state.isOut = true;
  reject(new Error('out'));
  await expect(trial).rejects.toThrow(CircuitOpenError);
  expect([breaker.permits, state.events]).toEqual([0, ['open']]);
  breaker.stop();
});

test('a failure of the work itself opens nothing, and shows that it answers', async () => {
  const { state, breaker, work } = breaking();
  await breaker.run(work).catch(() => {});
  state.isOut = false;
  await until(() => breaker.permits === 1);
  const failing = breaker.run(() => Promise.reject(new Error('its own fault')));
  await expect(failing).rejects.toThrow('its own fault');
  expect(breaker.permits).toBe(Number.POSITIVE_INFINITY);
  breaker.stop();
});

test('work that began before the outage and succeeds does not close the circuit', async () => {
  const { breaker, work } = breaking();
  const { promise, resolve } = Promise.withResolvers<string>();
  const early = breaker.run(() => promise);
  await breaker.run(work).catch(() => {});
  resolve('done');
  await early;
  expect(breaker.permits).toBe(0);
  breaker.stop();
});
