import { setTimeout as delay } from 'node:timers/promises';
import type { KubeObject } from '../objects.js';
import type { KindInfo } from '../schema/kinds.js';
import { resourceName } from '../schema/kinds.js';
import { ApiError, badRequest } from '../store/api-error.js';
import type { Registry } from '../store/registry.js';
import { decodeContinue, encodeContinue } from './continue-token.js';
import type { ListMetadata } from './encode.js';
import { requestedVersion, selection, tooLargeVersion } from './list-options.js';
import { integer } from './request-info.js';
import { keyOf, objectsAt } from './snapshot.js';

/** Milliseconds a read waits for a version of the future; a real server waits as long. */
const MAX_WAIT = 3000;
const STEP = 50;

/** Waits until a version is reached. @throws ApiError 504 when it is not. */
export async function reachVersion(registry: Registry, wanted: number | undefined): Promise<void> {
  if (wanted === undefined) {
    return;
  }
  for (let waited = 0; registry.table.version < wanted; waited += STEP) {
    if (waited >= MAX_WAIT) {
      throw tooLargeVersion(wanted, registry.table.version);
    }
    await delay(STEP);
  }
}

/** The first object behind the key a page stopped at. */
function position(objects: readonly KubeObject[], after: string): number {
  const found = objects.findIndex((object) => keyOf(object) > after);
  return found < 0 ? objects.length : found;
}

export interface Page {
  items: readonly KubeObject[];
  metadata: ListMetadata;
}

interface Source {
  objects: readonly KubeObject[];
  version: number;
  from: number;
}

/** Where the objects of this request come from: now, or a version of the past. */
function source(
  at: (version: number) => readonly KubeObject[] | undefined,
  current: number,
  query: URLSearchParams,
): Source {
  const text = query.get('continue');
  if (text) {
    if (requestedVersion(query) !== undefined && query.get('resourceVersion') !== '0') {
      throw badRequest('specifying resource version is not allowed when using continue');
    }
    const token = decodeContinue(text);
    const objects = at(token.version);
    if (objects === undefined) {
      const why = 'The provided continue parameter is too old to display a consistent list result.';
      throw new ApiError(410, 'Expired', why);
    }
    return { objects, version: token.version, from: position(objects, token.after) };
  }
  return { objects: at(current) ?? [], version: current, from: 0 };
}

/** Answers a LIST: one page of what the query selects. */
export async function list(
  registry: Registry,
  info: KindInfo,
  namespace: string | undefined,
  query: URLSearchParams,
): Promise<Page> {
  const filter = selection(info, query);
  const wanted = requestedVersion(query);
  await reachVersion(registry, wanted);
  const { objects, version, from } = source(
    (past) => objectsAt(registry, resourceName(info), namespace, past),
    registry.table.version,
    query,
  );
  const limit = wanted === 0 ? 0 : (integer(query, 'limit') ?? 0);
  const rest = from === 0 ? objects : objects.slice(from);
  const selected = filter === undefined ? rest : rest.filter(filter);
  const metadata = { resourceVersion: String(version) };
  const last = limit > 0 && selected.length > limit ? selected[limit - 1] : undefined;
  if (last === undefined) {
    return { items: selected, metadata };
  }
  return {
    items: selected.slice(0, limit),
    metadata: {
      ...metadata,
      continue: encodeContinue({ version, after: keyOf(last) }),
      ...(filter === undefined ? { remainingItemCount: selected.length - limit } : {}),
    },
  };
}
