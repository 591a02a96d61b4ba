import type { DeployAnswer, ObjectReport } from '@cloudemy/contracts';
import { objectReference } from './identity.js';
import type { Inventory } from './inventory.js';
import type { StoredDeployment } from './model.js';
import type { PlannedObject } from './plan.js';

/** What a dry run is answered with. */
export function dryRunAnswer(
  name: string,
  before: StoredDeployment | null,
  namespace: string,
  { planned }: Inventory,
  joined: string,
): DeployAnswer {
  const objects = planned.map(({ accepted: { isNew, warnings }, stored }): ObjectReport => {
    const result = isNew ? 'created' : 'updated';
    return { ...objectReference(namespace, stored), result, message: 'would be', warnings };
  });
  return {
    deployment_id: before === null ? null : String(before._id),
    name,
    namespace,
    dry_run: true,
    objects,
    message: `Nothing was changed. It would be: ${summary(objects)}${joined}`,
  };
}

/**
 * Two YAML texts that share an object are one deployment from then on, and deleted as one: whoever sends the second
 * must know. One that only has more or fewer objects than before is simply an update.
 */
export function joinedWords(before: StoredDeployment | null, objects: readonly PlannedObject[]): string {
  const had = new Set(before?.objects.map(({ key }) => key));
  const shared = objects.filter(({ key }) => had.has(key));
  const isOther = shared.length < objects.length && shared.length < had.size;
  if (before === null || !isOther || shared.length === 0) return '';
  const titles = shared.map(({ document }) => document.title).join(', ');
  return ` ${titles} ${shared.length === 1 ? 'was' : 'were'} in the deployment ${String(before._id)} (${before.name}) already, made from other YAML: all of this belongs to it now, and is deleted with it.`;
}

/** `2 created, 1 unchanged.` */
export function summary(reports: readonly ObjectReport[]): string {
  const results = ['created', 'updated', 'unchanged'] as const;
  const counts = results.map(
    (result) => [reports.filter((report) => report.result === result).length, result] as const,
  );
  return `${counts
    .filter(([count]) => count > 0)
    .map(([count, result]) => `${count} ${result}`)
    .join(', ')}.`;
}
