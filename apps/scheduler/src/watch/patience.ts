import type { JobReason, Problem } from '@cloudemy/k8s';
import type { Config } from '../config.js';

/** Milliseconds a trouble may last until the attempt is failed for it. */
export type Patience = (problem: Pick<Problem, 'reason' | 'canHeal'>) => number | undefined;

/**
 * How long a pod that cannot start is given, by what keeps it. A registry or a node can come back, and a
 * missing Secret can be created; failing at once would turn an outage of a minute into failed submissions.
 * What cannot heal gets no time, except for the cluster's rules: they can be mended without changing the Job.
 * Undefined where the Job controller or the Job's own deadline decides.
 */
export function patienceOf(config: Config): Patience {
  const table: Partial<Record<JobReason, number>> = {
    image_pull_failed: config.IMAGE_PULL_PATIENCE_MS,
    image_not_present: config.IMAGE_PULL_PATIENCE_MS,
    secret_missing: config.MISSING_OBJECT_PATIENCE_MS,
    config_map_missing: config.MISSING_OBJECT_PATIENCE_MS,
    service_account_missing: config.SERVICE_ACCOUNT_PATIENCE_MS,
    volume_not_mounted: config.VOLUME_PATIENCE_MS,
    unschedulable: config.UNSCHEDULABLE_PATIENCE_MS,
    quota_exceeded: config.QUOTA_PATIENCE_MS,
    pod_not_created: config.START_ERROR_PATIENCE_MS,
    start_error: config.START_ERROR_PATIENCE_MS,
    runtime_error: config.START_ERROR_PATIENCE_MS,
    container_config_invalid: config.START_ERROR_PATIENCE_MS,
  };
  return ({ reason, canHeal }) => {
    if (reason === 'admission_refused') return config.ADMISSION_PATIENCE_MS;
    return canHeal ? table[reason] : 0;
  };
}
