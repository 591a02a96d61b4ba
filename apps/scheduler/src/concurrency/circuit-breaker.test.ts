import { expect, test } from '@jest/globals';
import { CircuitBreaker } from './circuit-breaker.js';

const never = new AbortController().signal;
const quick = { isOutage: (error: unknown) => error === 'out', firstRetryMs: 1, maxRetryMs: 4 };

/** Something that is out until told otherwise; counts who is inside. */
function dependency() {
  const state = { isOut: true, calls: 0, inside: 0, most: 0 };
  const work = async (): Promise<string> => {
    state.calls += 1;
    state.inside += 1;
    state.most = Math.max(state.most, state.inside);
    await new Promise((resolve) => setTimeout(resolve, 2));
    state.inside -= 1;
    if (state.isOut) throw 'out';
    return 'done';
  };
  return { state, work };
}

const eventually = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
};

test('during an outage one tries while all others wait; afterwards all get through', async () => {
  const events: string[] = [];
  const gate = new CircuitBreaker({
    ...quick,
    onDown: () => events.push('down'),
    onUp: () => events.push('up'),
  });
  const { state, work } = dependency();
  await Promise.race([gate.through(work, never), eventually(() => !gate.isOpen)]);
  state.most = 0;
  const all = Array.from({ length: 50 }, () => gate.through(work, never));
  const before = state.calls;
  await eventually(() => state.calls > before + 5);
  expect(state.most).toBe(1);
  state.isOut = false;
  expect(new Set(await Promise.all(all))).toEqual(new Set(['done']));
  expect(events).toEqual(['down', 'up']);
});

test('work that fails for a reason of its own fails at once and lets the next try', async () => {
  const gate = new CircuitBreaker(quick);
  let isOut = true;
  const first = gate.through(async () => {
    if (isOut) throw 'out';
    throw new Error('its own fault');
  }, never);
  await eventually(() => !gate.isOpen);
  const second = gate.through(async () => 'fine', never);
  isOut = false;
  await expect(Promise.allSettled([first, second])).resolves.toMatchObject([
    { status: 'rejected' },
    { status: 'fulfilled', value: 'fine' },
  ]);
  expect(gate.isOpen).toBe(true);
});

test('an abort ends the wait, and the turn to try is not lost with it', async () => {
  const gate = new CircuitBreaker(quick);
  const { state, work } = dependency();
  const stopping = new AbortController();
  const stopped = gate.through(work, stopping.signal);
  await eventually(() => !gate.isOpen);
  stopping.abort(new Error('stopping'));
  await expect(stopped).rejects.toThrow('stopping');
  state.isOut = false;
  await expect(gate.through(work, never)).resolves.toBe('done');
});
