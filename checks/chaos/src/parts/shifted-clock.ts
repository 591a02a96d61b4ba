import { readFileSync } from 'node:fs';

/**
 * Loaded into a service before all else (`node --import …?file=PATH`): its clock is off by as many milliseconds as the file
 * says, looked at a few times a second. Only `Date` is: timers and `performance.now()` run on, as they do when a
 * machine's clock is set.
 */
const file = new URL(import.meta.url).searchParams.get('file') ?? '';
const everyMs = 100;
let offMs = 0;

function look(): void {
  try {
    offMs = Number(readFileSync(file, 'utf8')) || 0;
  } catch {
    // Nobody has written to it yet.
  }
}

look();
setInterval(look, everyMs).unref();

const RealDate = Date;
const now = (): number => RealDate.now() + offMs;

globalThis.Date = new Proxy(RealDate, {
  apply: () => new RealDate(now()).toString(),
  construct: (target, args: unknown[], newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  get: (target, name, receiver): unknown => (name === 'now' ? now : Reflect.get(target, name, receiver)),
});
