import { z } from 'zod';
import { JobName, Namespace } from '../deployer/names.js';
import { SessionId } from '../deployer/terminals.js';
import { Id, Timestamp, page, pageQuery } from '../primitives.js';

/**
 * What was done or tried: the operation that was called, or what happened in its course, such as `deployed`,
 * `log_left` and `terminal_ended`.
 */
export const AuditEvent = z
  .string()
  .regex(/^[a-zA-Z_]{1,64}$/, 'must be the id of an operation, or a word such as terminal_ended')
  .meta({
    id: 'AuditEvent',
    description:
      'The id of the operation that was called; or `deployed`, `deleted`, `log_read`, `log_left` (a followed log was left or has ended), `terminal_opened` (once), `terminal_attached`, `terminal_detached` (often), `terminal_ended`.',
  });

export const AuditOutcome = z.enum(['begun', 'succeeded', 'refused', 'failed']).meta({
  id: 'AuditOutcome',
  description:
    '`begun`: on record before it was done, and the service was cut off before it could say what became of it. `refused`: for want of the right or of good credentials. `failed`: for any other reason.',
});
export type AuditOutcome = z.output<typeof AuditOutcome>;

const text = z.string().nullable();

/** One thing that somebody did or tried. Null where something does not apply. */
export const AuditRecord = z
  .object({
    audit_id: Id,
    service: z.enum(['backend', 'deployer']),
    at: Timestamp,
    event: AuditEvent,
    outcome: AuditOutcome,
    count: z
      .int()
      .min(1)
      .describe('1; more for refusals of one actor that were too many to be kept one by one.'),
    user_id: text.describe(
      'Who did it; for an end without a request, whose terminal it was. Null for who is not known, and for services.',
    ),
    address: text.describe("Of the client; null when nobody's request was the cause."),
    request_id: text,
    object_kind: text.describe('What it was done to: `user`, `assignment`, `submission`, `job` …'),
    object_id: text.describe('Its id or name.'),
    detail: text.describe('What was changed, in a few words. Never a secret, never code.'),
    namespace: text,
    deployment_id: Id.nullable(),
    job_name: text,
    pod_name: text,
    container_name: text,
    shell: text,
    session_id: SessionId.nullable(),
    objects: z.array(z.string()).describe('What was deployed or deleted, as `Kind/name`.'),
    reason: text.describe(
      "The code of the problem it was answered with; of a terminal's end, as `terminalCloseCodes` names it; of a detachment, the close code.",
    ),
    exit_code: z.int().nullable().describe("A shell's."),
    bytes_in: z.int().nullable().describe('Typed since a terminal was opened. What it was is not recorded.'),
    bytes_out: z.int().nullable().describe('Shown by it.'),
  })
  .meta({ id: 'AuditRecord' });
export type AuditRecord = z.output<typeof AuditRecord>;

export const AuditPage = page(AuditRecord, 'AuditPage');

export const AuditQuery = z.strictObject({
  ...pageQuery,
  event: AuditEvent.optional(),
  outcome: AuditOutcome.optional(),
  user_id: z.string().max(300).optional().describe('Who did it.'),
  object_kind: z.string().max(100).optional(),
  object_id: z.string().max(300).optional().describe('What it was done to.'),
  since: Timestamp.optional().describe('At or after this second.'),
  until: Timestamp.optional().describe('Before this second.'),
});

export const DeployerAuditQuery = AuditQuery.extend({
  namespace: Namespace.optional(),
  job_name: JobName.optional(),
  deployment_id: Id.optional(),
  session_id: SessionId.optional(),
});
export type AuditQuery = z.output<typeof AuditQuery> & Partial<z.output<typeof DeployerAuditQuery>>;
