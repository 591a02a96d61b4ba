import {
  type Job,
  JOBS,
  type KubeApi,
  PODS,
  type Pod,
  type ResourceWatch,
  resourcePath,
  watchResource,
} from '@cloudemy/k8s';
import { countByState, jobUidOf, runnerSelector } from '../jobs/runner-jobs.js';
import { keptJob, keptPod } from './keep.js';

export interface JobInformerOptions {
  api: KubeApi;
  namespace: string;
  /** The installation whose Jobs these are. */
  instance: string;
  /** Milliseconds between full lists: watches die silently. */
  relistIntervalMs: number;
  /** A Job is there, or changed. */
  onJob: (job: Job) => void;
  onJobDeleted: (job: Job) => void;
  /** A full list of Jobs was told. */
  onJobsListed: (jobs: Iterable<Job>) => void;
  /** Something about a pod of the Job with this name changed. */
  onPodOf: (jobName: string) => void;
  onError: (error: unknown) => void;
}

/** Objects in full at a time while they are listed: a runner Job has some 5 KB, and takes five times that when parsed. */
const pageSize = 50;

/** Keeps a copy of the runner Jobs and their pods. Reads only: taking over thousands of them writes nothing. */
export class JobInformers {
  private readonly jobs: ResourceWatch<Job>;
  private pods: ResourceWatch<Pod> | undefined;
  private readonly podsByJob = new Map<string, Map<string, Pod>>();

  private readonly options: JobInformerOptions;

  constructor(options: JobInformerOptions) {
    this.options = options;

    this.jobs = watchResource<Job>(options.api, {
      ...this.common(),
      path: resourcePath(JOBS, { namespace: options.namespace }),
      keep: keptJob,
      onAdd: options.onJob,
      onUpdate: options.onJob,
      onDelete: options.onJobDeleted,
      onSynced: (objects) => options.onJobsListed(objects.values()),
    });
  }

  /** Fulfilled when the Jobs were listed in full for the first time; rejected when stopped before. */
  get jobsSynced(): Promise<void> {
    return this.jobs.synced;
  }

  /**
   * Begins to watch the pods too.
   *
   * @throws Error when stopped before they were listed in full for the first time
   */
  async watchPods(): Promise<void> {
    this.pods ??= watchResource<Pod>(this.options.api, {
      ...this.common(),
      path: resourcePath(PODS, { namespace: this.options.namespace }),
      keep: keptPod,
      onAdd: (pod) => this.podChanged(pod),
      onUpdate: (pod) => this.podChanged(pod),
      onDelete: (pod) => this.podGone(pod),
    });
    await this.pods.synced;
  }

  /** All runner Jobs known. */
  all(): Job[] {
    return [...this.jobs.objects.values()];
  }

  /** Runner Jobs by what they are doing. */
  countByState(): Record<string, number> {
    return countByState(this.all());
  }

  /** The Job of this name. */
  job(name: string): Job | undefined {
    return this.jobs.objects.get(`${this.options.namespace}/${name}`);
  }

  /** The Job of this name with its pods. */
  look(name: string): { job: Job; pods: Pod[] } | undefined {
    const job = this.job(name);
    if (job === undefined) return undefined;
    return { job, pods: [...(this.podsByJob.get(job.metadata.uid ?? '')?.values() ?? [])] };
  }

  async stop(): Promise<void> {
    await Promise.all([this.jobs.stop(), this.pods?.stop()]);
  }

  private common() {
    const { instance, relistIntervalMs, onError } = this.options;
    return { labelSelector: runnerSelector(instance), relistIntervalMs, onError, pageSize };
  }

  private podChanged(pod: Pod): void {
    const uid = jobUidOf(pod);
    if (uid === undefined) return;
    const pods = this.podsByJob.get(uid) ?? new Map<string, Pod>();
    pods.set(pod.metadata.name ?? '', pod);
    this.podsByJob.set(uid, pods);
    this.tellPodOf(pod);
  }

  private podGone(pod: Pod): void {
    const uid = jobUidOf(pod);
    const pods = uid === undefined ? undefined : this.podsByJob.get(uid);
    if (uid === undefined || pods === undefined) return;
    pods.delete(pod.metadata.name ?? '');
    if (pods.size === 0) this.podsByJob.delete(uid);
    this.tellPodOf(pod);
  }

  private tellPodOf(pod: Pod): void {
    const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller === true);
    if (owner !== undefined) this.options.onPodOf(owner.name);
  }
}
