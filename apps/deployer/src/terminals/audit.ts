import type { Happening } from '@cloudemy/auth';
import type { OpenSession } from './open-session.js';

type Details = Partial<Pick<Happening, 'user_id' | 'address' | 'reason' | 'exit_code'>>;

/** What happened to a terminal, for the record: who, into what, and how much so far. */
export function terminalEvent(
  { id, ownerId, target, shell, deploymentId, terminal }: OpenSession,
  event: `terminal_${'opened' | 'attached' | 'detached' | 'ended'}`,
  details: Details,
): Happening {
  return {
    event,
    user_id: ownerId,
    namespace: target.namespace,
    deployment_id: deploymentId,
    job_name: target.jobName,
    pod_name: target.podName,
    container_name: target.containerName,
    shell,
    session_id: id,
    bytes_in: terminal.traffic.bytesIn,
    bytes_out: terminal.traffic.bytesOut,
    ...details,
  };
}
