import type { AuditTrail } from '@cloudemy/auth';
import type { ObjectReport } from '@cloudemy/contracts';
import { ProblemError } from '@cloudemy/service';
import type { Caller } from '../auth/caller.js';

/** What a deploy or delete tells of itself. */
interface Told {
  namespace: string;
  dry_run: boolean;
  objects: readonly ObjectReport[];
  /** Ids of the deployments it was about. */
  deployments: readonly string[];
}

/** Deploys or deletes and puts on record what happened to it, also when only a part could be done. */
export async function audited<Answer extends Told>(
  audit: AuditTrail,
  event: 'deployed' | 'deleted',
  { actor, address }: Caller,
  work: () => Promise<Answer>,
): Promise<Answer> {
  const note = (objects: readonly ObjectReport[], deployments: readonly string[], reason: string | null) => {
    const [only = null, ...others] = deployments;
    audit.note({
      event,
      user_id: actor.userId,
      address,
      namespace: objects[0]?.namespace ?? '',
      deployment_id: others.length === 0 ? only : null,
      objects: objects.map(({ kind, name }) => `${kind}/${name ?? ''}`),
      reason,
      outcome: reason === null ? 'succeeded' : 'failed',
    });
  };
  try {
    const answer = await work();
    if (!answer.dry_run) note(answer.objects, answer.deployments, null);
    return answer;
  } catch (error) {
    if (error instanceof ProblemError && error.extensions?.objects !== undefined) {
      const { objects, deployment_id: id } = error.extensions;
      note(objects, id === undefined ? [] : [id], error.code);
    }
    throw error;
  }
}
