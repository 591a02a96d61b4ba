import { byReason } from '@cloudemy/contracts';
import type { Problem } from '@cloudemy/k8s';
import type { Config } from '../config.js';

/** Milliseconds a trouble may last until the attempt is failed for it; undefined where the cluster decides. */
export type GracePeriodOf = (problem: Pick<Problem, 'reason' | 'canHeal'>) => number | undefined;

/** The grace periods of the table of failures, as this scheduler is set. What cannot heal gets none. */
export function gracePeriodsOf(config: Config): GracePeriodOf {
  return ({ reason, canHeal }) => {
    const { grace, graceAlways = false } = byReason.get(reason) ?? {};
    if (!canHeal && !graceAlways) return 0;
    return grace === undefined ? undefined : config[grace];
  };
}
