/**
 * Why a Job is where it is. A stable vocabulary: it is stored, sent to clients and matched on; words are
 * added, never changed.
 */
export type JobReason =
  | 'completed'
  | 'suspended'
  | 'waiting_for_pod'
  | 'waiting_for_node'
  | 'starting'
  | 'running'
  | 'finishing'
  | 'image_pull_failed'
  | 'image_name_invalid'
  | 'image_not_present'
  | 'secret_missing'
  | 'config_map_missing'
  | 'service_account_missing'
  | 'container_config_invalid'
  | 'volume_not_mounted'
  | 'unschedulable'
  | 'quota_exceeded'
  | 'admission_refused'
  | 'pod_not_created'
  | 'start_error'
  | 'runtime_error'
  | 'crash_loop'
  | 'exit_code'
  | 'killed_by_signal'
  | 'out_of_memory'
  | 'deadline_exceeded'
  | 'evicted'
  | 'preempted'
  | 'node_lost'
  | 'pod_rejected'
  | 'pod_deleted'
  | 'failed';

export type JobPhase = 'pending' | 'running' | 'succeeded' | 'failed' | 'suspended';

/** Something that keeps a pod from running or ended it. */
export interface Problem {
  reason: JobReason;
  /** A sentence for people, without a full stop. */
  message: string;
  /** Whether it can still go away without anybody changing the Job. */
  canHeal: boolean;
  pod?: string;
  container?: string;
  /** True when the container is an init container. */
  init?: boolean;
  exitCode?: number;
  /** Name of the signal that ended the process, e.g. `SIGSEGV`. */
  signal?: string;
}

export interface JobOutcome extends Problem {
  phase: JobPhase;
  /**
   * False for `succeeded` and `failed` while the last pods are still going: what happened to the Job is
   * decided, its pods may live on for their grace period.
   */
  finished: boolean;
  /** Whether the Job is in trouble: always for `failed`, possibly for `pending` and `running`. */
  troubled: boolean;
}
