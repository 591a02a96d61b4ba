import type { Operation } from 'rfc6902';
import { applyPatch } from 'rfc6902';
import { cloneJson, isObject } from '../../json.js';
import { ApiError, badRequest } from '../../store/api-error.js';

/**
 * RFC 6902. `target` is not changed.
 * @throws ApiError 400 for what is no patch, 422 for one that cannot be carried out.
 */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch) || !patch.every(isOperation)) {
    throw badRequest('error decoding patch: it must be a list of operations');
  }
  const box = { document: cloneJson(target) };
  // The document stands in a box, so that an operation may replace all of it.
  const operations = patch.map((operation) => ({
    ...operation,
    path: `/document${operation.path}`,
    ...('from' in operation ? { from: `/document${operation.from}` } : {}),
  }));
  if (operations.some(reachesForPrototype) || applyPatch(box, operations).some((fault) => fault !== null)) {
    throw new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
  }
  return box.document;
}

function isOperation(value: unknown): value is Operation {
  return isObject(value) && typeof value['op'] === 'string' && typeof value['path'] === 'string';
}

function reachesForPrototype({ path }: Operation): boolean {
  return path.split('/').some((part) => ['__proto__', 'constructor', 'prototype'].includes(part));
}
