import { count } from '@cloudemy/service';

/** Variables of the audit trail. */
export const auditEnv = {
  /** Days that a record is kept; a change counts for what is recorded from then on. */
  AUDIT_RETENTION_DAYS: count.max(36_500).default(180),
};
