import { z } from 'zod';
import { Id, Timestamp, page, pageQuery } from '../primitives.js';
import { ContainerName, JobName, Namespace, PodName, namespaceField } from './names.js';

/** Names a session to whoever may use it; unguessable. */
export const SessionId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{16,64}$/, 'must be a session id')
  .meta({ id: 'SessionId' });

const shell = z
  .string()
  .max(200)
  .regex(/^\/[\w./-]+$/, 'must be the path of a shell, such as /bin/bash')
  .describe(
    'One that the service allows. When the image lacks it another one is taken; the answer says which.',
  )
  .optional();

const options = {
  namespace: namespaceField,
  pod_name: PodName.optional().describe('The newest running pod of the Job when left out.'),
  container_name: ContainerName.optional().describe(
    'When left out that of the annotation `kubectl.kubernetes.io/default-container`, else the first, as with kubectl.',
  ),
  shell,
};

/** Query of `POST /jobs/{job_name}/terminal`. */
export const TerminalQuery = z.strictObject(options);

/** Body of `POST /terminal/create`. */
export const TerminalCreate = z
  .strictObject({ job_name: JobName, ...options })
  .meta({ id: 'TerminalCreate' });
export type TerminalCreate = z.output<typeof TerminalCreate>;

export const TerminalSession = z
  .object({
    session_id: SessionId,
    job_name: z.string(),
    namespace: z.string(),
    pod_name: z.string(),
    container_name: z.string(),
    shell: z.string(),
    websocket_url: z
      .string()
      .describe(
        'Absolute; connect here. Where users sign in, the answer that opens a session has a ticket in it that is good for one connection within 30 seconds; for another one get another ticket.',
      ),
    created_at: Timestamp,
    owner: z.string().describe('Who opened it.'),
    deployment_id: Id,
    last_active_at: Timestamp,
    connected: z.boolean().describe('Whether somebody is attached to it now.'),
    expires_at: Timestamp.describe('When it ends however busy it is.'),
  })
  .meta({ id: 'TerminalSession' });
export type TerminalSession = z.output<typeof TerminalSession>;

export const TerminalTicket = z
  .object({
    websocket_url: z.string().describe('Absolute, with the ticket; connect here.'),
    expires_at: Timestamp.nullable().describe(
      'Until when a connection must be made; null where none is needed.',
    ),
  })
  .meta({ id: 'TerminalTicket' });
export type TerminalTicket = z.output<typeof TerminalTicket>;

export const TerminalSessionPage = page(TerminalSession, 'TerminalSessionPage');

export const TerminalSessionQuery = z.strictObject({
  ...pageQuery,
  job_name: JobName.optional(),
  namespace: Namespace.optional(),
});

export const TerminalEndQuery = z.strictObject({
  namespace: namespaceField.describe('Where the Job is; sessions of its namesakes elsewhere stay.'),
});

export const TerminalsEnded = z
  .object({ ended: z.array(SessionId), message: z.string() })
  .meta({ id: 'TerminalsEnded' });
export type TerminalsEnded = z.output<typeof TerminalsEnded>;
