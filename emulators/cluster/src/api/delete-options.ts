import { asString, at, isObject, scalarText } from '../json.js';
import type { StatusCause } from '../store/api-error.js';
import { badRequest } from '../store/api-error.js';
import type { DeleteOptions } from '../store/object-store.js';
import { parseJson, parseYaml, mediaType } from './codec.js';
import { metaInvalid } from './list-options.js';
import { integer } from './request-info.js';
import { dryRunCause } from './write-options.js';

export interface DeleteRequest {
  options: DeleteOptions;
  dryRun: boolean;
}

function bodyOf(body: Buffer, contentType: string | undefined): Record<string, unknown> {
  if (body.length === 0) {
    return {};
  }
  try {
    const text = body.toString('utf8');
    const value = mediaType(contentType) === 'application/yaml' ? parseYaml(text) : parseJson(text);
    return isObject(value) ? value : {};
  } catch (error) {
    const why = error instanceof Error ? error.message : scalarText(error);
    throw badRequest(`couldn't get version/kind; json parse error: ${why}`, error);
  }
}

function policyOf(text: string): DeleteOptions['propagationPolicy'] | 'unknown' {
  switch (text) {
    case '':
      return undefined;
    case 'Background':
    case 'Foreground':
    case 'Orphan':
      return text;
    default:
      return 'unknown';
  }
}

/**
 * Options of a DELETE, from its body or its query (a body wins).
 * @throws ApiError 400 for a body that does not parse, 422 for values that are not served.
 */
export function deleteRequest(
  query: URLSearchParams,
  body: Buffer,
  contentType: string | undefined,
): DeleteRequest {
  const given = bodyOf(body, contentType);
  const text = asString(given['propagationPolicy']) ?? query.get('propagationPolicy') ?? '';
  const policy = policyOf(text);
  const bodyDryRun: unknown = given['dryRun'];
  const dryRun = [
    ...(Array.isArray(bodyDryRun) ? bodyDryRun.map(String) : []),
    ...query.getAll('dryRun').filter((value) => value !== ''),
  ];
  const causes: StatusCause[] = [];
  const dryRunFault = dryRunCause(dryRun);
  if (dryRunFault !== undefined) {
    causes.push(dryRunFault);
  }
  if (policy === 'unknown') {
    causes.push({
      reason: 'FieldValueNotSupported',
      message: `Unsupported value: "${text}": supported values: "Foreground", "Background", "Orphan", "nil"`,
      field: 'propagationPolicy',
    });
  }
  if (causes.length > 0 || policy === 'unknown') {
    throw metaInvalid('DeleteOptions', causes);
  }
  const grace = given['gracePeriodSeconds'] ?? integer(query, 'gracePeriodSeconds');
  const uid = asString(at(given, 'preconditions', 'uid'));
  const version = asString(at(given, 'preconditions', 'resourceVersion'));
  return {
    dryRun: dryRun.length > 0,
    options: {
      ...(policy === undefined ? {} : { propagationPolicy: policy }),
      ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
      preconditions: {
        ...(uid === undefined ? {} : { uid }),
        ...(version === undefined ? {} : { resourceVersion: version }),
      },
    },
  };
}
