import { Gauge, type Registry } from 'prom-client';

/** Milliseconds between two looks; what a turn of the loop takes is told to within as many. */
const lookMs = 50;

/**
 * Tells how long one turn of the event loop kept everybody else waiting at most since the figures were last read. It
 * is the main thread's CPU time, so that a busy machine does not count as a busy service.
 */
export function measureTurns(registry: Registry): void {
  let before = process.threadCpuUsage();
  let longest = 0;
  setInterval(() => {
    const used = process.threadCpuUsage(before);
    before = process.threadCpuUsage();
    longest = Math.max(longest, used.user + used.system);
  }, lookMs).unref();
  registry.registerMetric(
    new Gauge({
      name: 'event_loop_turn_cpu_seconds_max',
      help: `CPU time of the longest turn of the event loop since the last scrape, to within ${lookMs} ms.`,
      registers: [],
      collect() {
        this.set(longest / 1e6);
        longest = 0;
      },
    }),
  );
}
