import { type Job, JOBS, type KubeApi, type ResourceWatch, resourcePath, watchResource } from '@cloudemy/k8s';

/** When Jobs came to be, seen by a watch: the same clock for everyone who creates them. */
export class JobArrivals {
  private readonly arrived = new Map<string, number>();
  private readonly gone = new Set<string>();
  private readonly watch: ResourceWatch<Job>;
  private check: () => void = () => {};

  private constructor(api: KubeApi, namespace: string) {
    this.watch = watchResource<Job>(api, {
      path: resourcePath(JOBS, { namespace }),
      onAdd: ({ metadata }) => {
        this.arrived.set(metadata.name ?? '', performance.now());
        this.check();
      },
      onDelete: ({ metadata }) => {
        this.gone.add(metadata.name ?? '');
        this.check();
      },
    });
  }

  /** Watches the Jobs of a namespace. */
  static async watch(api: KubeApi, namespace: string): Promise<JobArrivals> {
    const arrivals = new JobArrivals(api, namespace);
    await arrivals.watch.synced;
    return arrivals;
  }

  /** When each of these came, in milliseconds of `performance.now()`, in the order of the names. */
  async of(names: readonly string[]): Promise<number[]> {
    await this.until(() => names.every((name) => this.arrived.has(name)));
    return names.map((name) => this.arrived.get(name) ?? Number.NaN);
  }

  /** Waits until these are deleted. */
  async absent(names: readonly string[]): Promise<void> {
    await this.until(() => names.every((name) => this.gone.has(name)));
  }

  any(): Job | undefined {
    return this.watch.objects.values().next().value;
  }

  async stop(): Promise<void> {
    await this.watch.stop();
  }

  private async until(condition: () => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.check = () => {
      if (condition()) resolve();
    };
    this.check();
    await promise;
    this.check = () => {};
  }
}
