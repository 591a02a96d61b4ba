import { z } from 'zod';
import { Id, Timestamp, page, pageQuery } from '../primitives.js';
import { JobName, Namespace } from './names.js';
import { SessionId } from './terminals.js';

export const AuditEvent = z
  .enum([
    'deployed',
    'deleted',
    'log_read',
    'log_left',
    'terminal_opened',
    'terminal_attached',
    'terminal_detached',
    'terminal_ended',
  ])
  .meta({
    id: 'AuditEvent',
    description:
      '`log_left`: a followed log was left or has ended. A terminal is opened once, and attached to often.',
  });
export type AuditEvent = z.output<typeof AuditEvent>;

/** One thing that somebody did. Records are only ever added. */
export const AuditRecord = z
  .object({
    audit_id: Id,
    at: Timestamp,
    event: AuditEvent,
    user_id: z.string().describe('Who did it; for an end without a request, whose terminal it was.'),
    address: z.string().nullable().describe("Of the client; null when nobody's request was the cause."),
    namespace: z.string(),
    deployment_id: Id.nullable(),
    job_name: z.string().nullable(),
    pod_name: z.string().nullable(),
    container_name: z.string().nullable(),
    shell: z.string().nullable(),
    session_id: SessionId.nullable(),
    objects: z.array(z.string()).describe('What was deployed or deleted, as `Kind/name`.'),
    reason: z
      .string()
      .nullable()
      .describe(
        "Of a terminal's end, as `terminalCloseCodes` names it; of a detachment, the close code; of what went wrong, the code of the problem.",
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
  user_id: z.string().max(300).optional(),
  namespace: Namespace.optional(),
  job_name: JobName.optional(),
  deployment_id: Id.optional(),
  session_id: SessionId.optional(),
  since: Timestamp.optional().describe('At or after this second.'),
  until: Timestamp.optional().describe('Before this second.'),
});
export type AuditQuery = z.output<typeof AuditQuery>;
