import type { Metrics } from '@cloudemy/service';
import { Counter, Gauge } from 'prom-client';
import type { SessionEnd } from './session-end.js';

/**
 * How many terminals are open and why they ended.
 *
 * @returns to be told of every end
 */
export function terminalMetrics({ registry }: Metrics, open: () => number): (end: SessionEnd) => void {
  registry.registerMetric(
    new Gauge({
      name: 'terminal_sessions',
      help: 'Terminals that are open.',
      registers: [],
      collect() {
        this.set(open());
      },
    }),
  );
  const ended = new Counter({
    name: 'terminal_sessions_ended_total',
    help: 'Terminals that have ended, by reason.',
    labelNames: ['reason'],
    registers: [registry],
  });
  return ({ reason }) => ended.inc({ reason });
}
