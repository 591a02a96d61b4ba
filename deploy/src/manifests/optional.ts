import { join } from 'node:path';
import type { UnknownObject } from '@cloudemy/k8s';
import { deployFolder } from './folders.js';
import { describeObject } from './objects.js';
import { readObjects } from './read.js';

/** Parts that are chosen; each is a file in `deploy/optional/` and an option of `npm run deploy`. */
export const optionalParts = ['llm-emulator', 'mongo-emulator'] as const;

export type OptionalPart = (typeof optionalParts)[number];

export const readOptionalPart = (part: OptionalPart): Promise<UnknownObject[]> =>
  readObjects(join(deployFolder, 'optional', `${part}.yaml`));

/** Adds a part; an object that is there already is replaced by the part's. */
export function addPart(objects: readonly UnknownObject[], part: readonly UnknownObject[]): UnknownObject[] {
  const replaced = new Set(part.map(describeObject));
  return [...objects.filter((object) => !replaced.has(describeObject(object))), ...part];
}
