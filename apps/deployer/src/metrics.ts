import type { Metrics } from '@cloudemy/service';
import { Gauge } from 'prom-client';

/** Figures read at the moment Prometheus asks. */
export interface LiveFigures {
  logStreams: () => number;
  /** Live deployments by stage; rejects while the database is away. */
  deployments: () => Promise<Record<string, number>>;
}

/** What the deployer shows besides its requests and terminals. */
export function deployerMetrics({ registry }: Metrics, figures: LiveFigures): void {
  registry.registerMetric(
    new Gauge({
      name: 'log_streams',
      help: 'Logs that are followed at this replica.',
      registers: [],
      collect() {
        this.set(figures.logStreams());
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: 'deployments',
      help: 'Deployments that are not deleted, by stage, in the database.',
      labelNames: ['stage'],
      registers: [],
      async collect() {
        // A database that is away must not take the other figures along: this one is missing then.
        const counts = await figures.deployments().catch(() => ({}));
        this.reset();
        for (const [stage, count] of Object.entries(counts)) this.set({ stage }, count);
      },
    }),
  );
}
