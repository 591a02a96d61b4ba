import type { DeployedObject, Deployment, DeploymentState, ObjectState } from '@cloudemy/contracts';
import type { LiveObject } from './live-objects.js';
import type { StoredDeployment } from './model.js';

/** A deployment as clients see it, from the inventory and what the cluster says. */
export function viewDeployment(deployment: StoredDeployment, seen: readonly LiveObject[]): Deployment {
  const { state, message } = stateOf(deployment, seen);
  return {
    deployment_id: String(deployment._id),
    name: deployment.name,
    namespace: deployment.namespace,
    owner: deployment.owner,
    state,
    message,
    objects: seen.map((object) => viewObject(deployment, object)),
    created_at: deployment.created_at.toISOString(),
    updated_at: deployment.updated_at.toISOString(),
    deleted_at: deployment.deleted_at?.toISOString() ?? null,
  };
}

function viewObject(
  { namespace }: StoredDeployment,
  { stored, live, uid, name }: LiveObject,
): DeployedObject {
  return {
    api_version: stored.api_version,
    kind: stored.kind,
    name,
    namespace,
    uid,
    document: stored.document,
    state: live.state,
    message: live.message,
    taken_over: stored.taken_over,
    applied_at: stored.applied_at?.toISOString() ?? null,
    ...(live.runs === undefined ? {} : { runs: live.runs }),
    ...(live.lastScheduledAt === undefined ? {} : { last_scheduled_at: live.lastScheduledAt }),
  };
}

function stateOf(
  deployment: StoredDeployment,
  seen: readonly LiveObject[],
): { state: DeploymentState; message: string } {
  const { stage, operation, error } = deployment;
  const atWork = operation !== null && operation.until > new Date();
  switch (stage) {
    case 'deleted':
      return { state: 'deleted', message: 'it was deleted' };
    case 'deleting':
      return {
        state: 'deleting',
        message: atWork ? 'it is being deleted' : 'some of it is still being deleted',
      };
    case 'deploying':
      return atWork
        ? { state: 'deploying', message: 'it is being deployed' }
        : { state: 'incomplete', message: 'deploying it was interrupted: deploy it again or delete it' };
    case 'incomplete':
      return { state: 'incomplete', message: error ?? 'some documents could not be applied' };
    default:
      return liveState(seen);
  }
}

/** Kinds that come to an end by themselves. */
const finite = new Set(['Job', 'Pod']);

function liveState(all: readonly LiveObject[]): { state: DeploymentState; message: string } {
  // What was deleted alone is no longer a part of it.
  const seen = all.filter(({ stored, live }) => !(stored.deletion_asked && live.state === 'gone'));
  const count = (...states: ObjectState[]) => seen.filter(({ live }) => states.includes(live.state)).length;
  const first = (state: ObjectState) => {
    const found = seen.find(({ live }) => live.state === state);
    return found === undefined ? '' : `${found.stored.kind} ${found.name ?? ''}: ${found.live.message}`;
  };
  const missing = count('gone', 'replaced', 'not_created');
  if (count('unknown') > 0) return { state: 'unknown', message: 'the cluster does not answer' };
  if (missing === seen.length) return { state: 'gone', message: goneWords(seen) };
  if (count('failed') > 0) return { state: 'failed', message: first('failed') };
  if (missing > 0) {
    return {
      state: 'partly_gone',
      message: `${missing} of ${seen.length} objects are gone, ${first('gone') || first('replaced')}`,
    };
  }
  if (count('troubled') > 0) return { state: 'troubled', message: first('troubled') };
  if (count('terminating') > 0) return { state: 'progressing', message: first('terminating') };
  if (count('progressing') > 0) return { state: 'progressing', message: first('progressing') };
  if (count('suspended') > 0) return { state: 'suspended', message: first('suspended') };
  const ending = seen.filter(({ stored }) => finite.has(stored.kind));
  if (ending.length > 0 && ending.every(({ live }) => live.state === 'complete')) {
    return { state: 'complete', message: 'everything that ends has completed' };
  }
  return { state: 'active', message: 'all of it is there' };
}

/** Said once when it is the same of all. */
function goneWords(seen: readonly LiveObject[]): string {
  const words = new Set(seen.map(({ live }) => live.message));
  const [only] = words;
  return words.size === 1 && only !== undefined
    ? `nothing of it is there: ${only}`
    : 'nothing of it is there any more';
}
