import type { Announcer, Happening } from '@cloudemy/webhooks';
import type { DeploymentModel, Stage, StoredDeployment } from '../deployments/model.js';

/** Of one turn; the next continues. */
const batchSize = 100;

/** Tells where deployments have come to. The write that brings one there marks it `untold`; telling twice adds nothing. */
export async function announceDeployments(model: DeploymentModel, announcer: Announcer): Promise<void> {
  const rows = await model
    .find({ untold: { $gt: new Date(0) } })
    .sort({ untold: 1 })
    .limit(batchSize)
    .lean<StoredDeployment[]>();
  if (rows.length === 0) return;
  await announcer.announce(rows.flatMap((row) => happeningOf(row) ?? []));
  // What has happened since it was read has a mark of its own.
  await model.bulkWrite(
    rows.map(({ _id, untold = new Date(0) }) => ({
      updateOne: { filter: { _id, untold }, update: { $unset: { untold: '' } } },
    })),
    { ordered: false },
  );
}

const types: Partial<Record<Stage, Happening['type']>> = {
  deployed: 'deployment.deployed',
  incomplete: 'deployment.incomplete',
  deleted: 'deployment.deleted',
};

function happeningOf({
  _id,
  name,
  namespace,
  owner,
  stage,
  untold,
}: StoredDeployment): Happening | undefined {
  const type = types[stage];
  if (type === undefined || untold === undefined) return undefined;
  const data = { deployment_id: String(_id), name, namespace, state: stage };
  return { type, id: `deployment-${String(_id)}-${untold.getTime()}`, at: untold, audience: [owner], data };
}
