import type { KubeObject } from '../objects.js';
import type { KindInfo } from '../schema/kinds.js';
import { ApiError, badRequest, invalid } from '../store/api-error.js';
import type { StatusCause } from '../store/api-error.js';
import { parseFieldSelector } from '../store/field-selector.js';
import { parseLabelSelector } from '../store/label-selector.js';

export type Filter = (object: KubeObject) => boolean;

/** The selectors of a query as one filter; undefined when everything passes. */
export function selection(info: KindInfo, query: URLSearchParams): Filter | undefined {
  const labels = query.get('labelSelector');
  const fields = query.get('fieldSelector');
  const byLabel = labels ? parseLabelSelector(labels) : undefined;
  const byField = fields ? parseFieldSelector(info, fields) : undefined;
  if (byLabel === undefined) {
    return byField;
  }
  return (object) => byLabel(object.metadata.labels) && (byField === undefined || byField(object));
}

/** @throws ApiError 400 when it is no number. `watching` only changes the words. */
export function requestedVersion(query: URLSearchParams, watching = false): number | undefined {
  const value = query.get('resourceVersion');
  if (value === null || value === '') {
    return undefined;
  }
  if (!/^\d+$/.test(value)) {
    const why = `resourceVersion: Invalid value: "${value}": strconv.ParseUint: parsing "${value}": invalid syntax`;
    throw watching ? new ApiError(500, '', why) : badRequest(`invalid resource version: ${why}`);
  }
  return Number(value);
}

/** 504 for a version that has not been reached. */
export function tooLargeVersion(wanted: number, current: number): ApiError {
  return new ApiError(504, 'Timeout', `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

/** 422 about the options of a request, which have neither name nor object. */
export function metaInvalid(kind: string, causes: StatusCause[]): ApiError {
  const error = invalid(kind, 'meta.k8s.io', '', causes);
  return new ApiError(422, 'Invalid', error.message, { group: 'meta.k8s.io', kind, causes });
}
