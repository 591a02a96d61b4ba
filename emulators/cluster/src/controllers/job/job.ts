import type { PodSpec } from '../../kubelet/pod.js';
import type { JsonObject } from '../../json.js';
import type { KubeObject } from '../../objects.js';

/** The parts of `batch/v1` Job that the controller reads and writes. */
export interface Job extends KubeObject {
  spec: JobSpec;
  status?: JobStatus;
}

export interface JobSpec extends JsonObject {
  parallelism?: number;
  completions?: number;
  completionMode?: 'NonIndexed' | 'Indexed';
  backoffLimit?: number;
  activeDeadlineSeconds?: number;
  ttlSecondsAfterFinished?: number;
  suspend?: boolean;
  podFailurePolicy?: { rules?: FailureRule[] };
  successPolicy?: { rules?: { succeededIndexes?: string; succeededCount?: number }[] };
  podReplacementPolicy?: 'TerminatingOrFailed' | 'Failed';
  template: {
    metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
    spec: PodSpec;
  };
}

export interface FailureRule {
  action: 'FailJob' | 'Ignore' | 'Count' | 'FailIndex';
  onExitCodes?: { containerName?: string; operator: 'In' | 'NotIn'; values: number[] };
  onPodConditions?: { type: string; status?: string }[];
}

export interface JobCondition {
  type: 'Suspended' | 'SuccessCriteriaMet' | 'Complete' | 'FailureTarget' | 'Failed';
  status: 'True' | 'False';
  lastProbeTime: string;
  lastTransitionTime: string;
  reason: string;
  message: string;
}

export interface JobStatus extends JsonObject {
  conditions?: JobCondition[];
  startTime?: string;
  completionTime?: string;
  active?: number;
  ready?: number;
  succeeded?: number;
  failed?: number;
  terminating?: number;
  completedIndexes?: string;
  uncountedTerminatedPods?: { succeeded?: string[]; failed?: string[] };
}

export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking';
export const INDEX_KEY = 'batch.kubernetes.io/job-completion-index';

/** Tells whether an object of the store is a Job. */
export function isJob(object: KubeObject | undefined): object is Job {
  return object?.kind === 'Job';
}

/** The condition of this type, when it holds. */
export function holding(job: Job, type: JobCondition['type']): JobCondition | undefined {
  return job.status?.conditions?.find((condition) => condition.type === type && condition.status === 'True');
}

/** The condition that ended the Job. */
export function finishedBy(job: Job): JobCondition | undefined {
  return holding(job, 'Complete') ?? holding(job, 'Failed');
}

export function isIndexed(job: Job): boolean {
  return job.spec.completionMode === 'Indexed';
}

/** How many pods the Job wants at once. */
export function parallelism(job: Job): number {
  return job.spec.parallelism ?? 1;
}
