import { EVENTS, type Job, type KubeApi, type KubeEvent, type Pod, type ResourceWatch } from '@cloudemy/k8s';
import { resourcePath, watchResource } from '@cloudemy/k8s';

export interface WarningsOptions {
  api: KubeApi;
  namespace: string;
  /** There is a new Warning about this Job, or a pod that seems to be its. */
  onWarningOf: (jobName: string) => void;
  onError: (error: unknown) => void;
}

/** Milliseconds between full lists. Events go by themselves after an hour; a watch tells that too. */
const relistIntervalMs = 300_000;

/**
 * The Warnings of the namespace by what they are about. They alone say why the pods of a Job cannot even be created
 * or why a volume cannot be mounted; asking for them per Job would cost requests for each of thousands that wait.
 */
export class Warnings {
  private readonly byJob = new Map<string, Map<string, KubeEvent>>();
  private watch: ResourceWatch<KubeEvent> | undefined;

  private readonly options: WarningsOptions;

  constructor(options: WarningsOptions) {
    this.options = options;
  }

  /**
   * Begins to watch.
   *
   * @throws Error when stopped before the first full list
   */
  async start(): Promise<void> {
    const { api, namespace, onError } = this.options;
    this.watch ??= watchResource<KubeEvent>(api, {
      path: resourcePath(EVENTS, { namespace }),
      fieldSelector: 'type=Warning',
      relistIntervalMs,
      onError,
      onAdd: (event) => this.put(event),
      onUpdate: (event) => this.put(event),
      onDelete: (event) => this.drop(event),
    });
    await this.watch.synced;
  }

  /** Warnings about this very Job and its pods, those that are gone too. */
  about(job: Job, pods: readonly Pod[]): KubeEvent[] {
    const uids = new Set([job, ...pods].map(({ metadata }) => metadata.uid));
    const warnings = [...(this.byJob.get(job.metadata.name ?? '')?.values() ?? [])];
    // With no pods left, those of any pod named after the Job.
    return warnings.filter(
      ({ involvedObject: { uid, kind } }) => uids.has(uid) || (pods.length === 0 && kind === 'Pod'),
    );
  }

  async stop(): Promise<void> {
    await this.watch?.stop();
  }

  private put(event: KubeEvent): void {
    const job = jobNameOf(event);
    if (job === undefined) return;
    const events = this.byJob.get(job) ?? new Map<string, KubeEvent>();
    events.set(event.metadata.name ?? '', event);
    this.byJob.set(job, events);
    this.options.onWarningOf(job);
  }

  private drop(event: KubeEvent): void {
    const job = jobNameOf(event);
    const events = job === undefined ? undefined : this.byJob.get(job);
    if (job === undefined || events === undefined) return;
    events.delete(event.metadata.name ?? '');
    if (events.size === 0) this.byJob.delete(job);
  }
}

/** The Job controller names pods after the Job plus a dash and five random characters. */
const podSuffix = 6;

function jobNameOf({ involvedObject: { kind, name = '' } }: KubeEvent): string | undefined {
  if (kind === 'Job') return name;
  return kind === 'Pod' && name.length > podSuffix ? name.slice(0, -podSuffix) : undefined;
}
