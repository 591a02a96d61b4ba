/** What a failure is described by: the words of the table in `failures.ts`. */
import type { ExitCode } from './exit-codes.js';

/** What the cluster says of a Job that is not well; `packages/k8s` finds it out. */
export type ClusterReason =
  | 'image_pull_failed'
  | 'image_not_present'
  | 'image_name_invalid'
  | 'secret_missing'
  | 'config_map_missing'
  | 'service_account_missing'
  | 'container_config_invalid'
  | 'volume_not_mounted'
  | 'start_error'
  | 'runtime_error'
  | 'unschedulable'
  | 'pod_rejected'
  | 'quota_exceeded'
  | 'admission_refused'
  | 'pod_not_created'
  | 'out_of_memory'
  | 'deadline_exceeded'
  | 'evicted'
  | 'preempted'
  | 'node_lost'
  | 'pod_deleted'
  | 'crash_loop'
  | 'exit_code'
  | 'killed_by_signal'
  | 'failed';

/**
 * Milliseconds that a trouble of the cluster may last before the attempt fails for it. A registry or a node can come
 * back, and a missing Secret can be created: failing at once would turn a minute's outage into failed submissions.
 */
export const gracePeriods = {
  IMAGE_PULL_GRACE_MS: 60_000,
  MISSING_OBJECT_GRACE_MS: 60_000,
  SERVICE_ACCOUNT_GRACE_MS: 60_000,
  VOLUME_GRACE_MS: 60_000,
  UNSCHEDULABLE_GRACE_MS: 120_000,
  QUOTA_GRACE_MS: 600_000,
  START_ERROR_GRACE_MS: 30_000,
  ADMISSION_GRACE_MS: 10_000,
} as const;
/** The name of a grace period: the scheduler's setting that changes it. */
export type GracePeriod = keyof typeof gracePeriods;

export interface ReasonMapping {
  /** Where this reason differs from the failure's own. */
  retryable?: boolean;
  /** Without one, the Job controller or the Job's own deadline decides. */
  grace?: GracePeriod;
  /** The grace period holds even where the cluster says that the Job cannot heal: its rules can be mended. */
  graceAlways?: true;
}

export interface ExitMapping {
  sentence: string;
  retryable: boolean;
}

export interface FailureDefinition {
  /** What a student reads, without a full stop. Words of the cluster follow after a colon where there are some. */
  sentence: string;
  /** What stands before the words of the cluster instead, where the sentence is too long for it. */
  opening?: string;
  /** Whether another attempt may end better without anyone changing anything. */
  retryable: boolean;
  /** `installation`: it would meet every submission (a wrong key, a spent quota, a missing image). */
  scope: 'submission' | 'installation';
  /** The cluster's reasons that mean this failure. */
  reasons?: Partial<Record<ClusterReason, ReasonMapping>>;
  /** The runner's exit codes (after sysexits.h) that mean this failure. */
  exits?: Partial<Record<Exclude<keyof typeof ExitCode, 'done'>, ExitMapping>>;
  /** The state whose deadline means this failure, and its words; "within 10 minutes" follows. */
  late?: { status: 'queued' | 'scheduled' | 'running'; sentence: string };
}
