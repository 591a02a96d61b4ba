import type { TerminalSession as SessionView } from '@cloudemy/contracts';
import type { Types } from 'mongoose';
import type { Right } from './right.js';
import type { TerminalSession } from './session.js';
import type { Target } from './target.js';

/** A terminal with what there is to know of it. */
export interface OpenSession {
  /** Unguessable: knowing it is part of being let in. */
  readonly id: string;
  /** Orders sessions by when they were opened. */
  readonly order: Types.ObjectId;
  /** The user who opened it. */
  readonly ownerId: string;
  /** Of each user who has come to it or may, by their id. */
  readonly rights: Map<string, Right>;
  /** Of who is attached. */
  visitor: Right | undefined;
  readonly target: Target;
  readonly deploymentId: string;
  readonly shell: string;
  readonly openedAt: Date;
  /** When it ends however busy it is. */
  readonly expiresAt: Date;
  readonly terminal: TerminalSession;
}

/** @param websocketUrl where the asking client connects to it */
export function viewSession(session: OpenSession, websocketUrl: string): SessionView {
  const { target, terminal } = session;
  return {
    session_id: session.id,
    job_name: target.jobName,
    namespace: target.namespace,
    pod_name: target.podName,
    container_name: target.containerName,
    shell: session.shell,
    websocket_url: websocketUrl,
    created_at: session.openedAt.toISOString(),
    owner: session.ownerId,
    deployment_id: session.deploymentId,
    last_active_at: new Date(terminal.lastActiveAt).toISOString(),
    connected: terminal.connected,
    expires_at: session.expiresAt.toISOString(),
  };
}
