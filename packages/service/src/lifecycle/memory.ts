import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The first V8 that knows `--no-memory-pool`: that of Node 26. An older one would complain on stderr. */
const firstWithPool = 14;

/** Milliseconds between two looks whether the process is idle. */
const everyMs = 20_000;
/** Milliseconds of CPU in that time, below which it is idle, and since the last collection, above which garbage is left. */
const idleMs = 400;
const busyMs = 1_000;

/**
 * Has V8 give back memory that it does not need. Node collects garbage only when new objects come: after a burst an idle
 * process would hold what the burst took until the next one (docs/adr/0043-memory-of-idle-services.md).
 */
export function releaseUnusedMemory(): void {
  const major = Number.parseInt(process.versions.v8, 10);
  if (major >= firstWithPool) setFlagsFromString('--no-memory-pool');
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  if (typeof collect !== 'function') return;
  const isDue = idleAfterWork(processCpuMs);
  setInterval(() => {
    if (isDue()) collect();
  }, everyMs).unref();
}

/**
 * Tells, when asked at equal intervals, whether the process has been idle since it was last asked, and has worked since it last said so.
 *
 * @param cpuMs milliseconds of CPU that the process has used
 */
export function idleAfterWork(cpuMs: () => number): () => boolean {
  let before = cpuMs();
  let lastSaid = 0;
  return () => {
    const now = cpuMs();
    const isIdle = now - before < idleMs;
    before = now;
    if (!isIdle || now - lastSaid < busyMs) return false;
    lastSaid = now;
    return true;
  };
}

function processCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
