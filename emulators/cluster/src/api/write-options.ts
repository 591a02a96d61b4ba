import type { StatusCause } from '../store/api-error.js';
import type { Validation } from './codec.js';
import { metaInvalid } from './list-options.js';
import { flag } from './request-info.js';

/** Bytes of a field manager's name. */
const LONGEST_MANAGER = 128;

export interface WriteOptions {
  dryRun: boolean;
  validation: Validation;
  manager: string;
  force: boolean;
}

function validationOf(text: string): Validation | undefined {
  switch (text) {
    case '':
    case 'Warn':
      return 'Warn';
    case 'Ignore':
    case 'Strict':
      return text;
    default:
      return undefined;
  }
}

function notSupported(field: string, shown: string, supported: string): StatusCause {
  return {
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${shown}: supported values: ${supported}`,
    field,
  };
}

/** What a wrong `dryRun` is told; undefined when it is right. */
export function dryRunCause(values: readonly string[]): StatusCause | undefined {
  return values.every((value) => value === 'All')
    ? undefined
    : notSupported('dryRun', JSON.stringify(values), '"All"');
}

/**
 * Options of a write from its query. `kind` (CreateOptions, …) is named in refusals.
 * @throws ApiError 422 for values that are not served.
 */
export function writeOptions(
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
  query: URLSearchParams,
  userAgent: string | undefined,
): WriteOptions {
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  const wanted = query.get('fieldValidation') ?? '';
  const validation = validationOf(wanted);
  const manager = query.get('fieldManager') ?? '';
  const causes: StatusCause[] = [];
  const dryRunFault = dryRunCause(dryRun);
  if (dryRunFault !== undefined) {
    causes.push(dryRunFault);
  }
  if (Buffer.byteLength(manager) > LONGEST_MANAGER) {
    causes.push({
      reason: 'FieldValueTooLong',
      message: 'Too long: may not be more than 128 bytes',
      field: 'fieldManager',
    });
  }
  if (validation === undefined) {
    causes.push(notSupported('fieldValidation', `"${wanted}"`, '"", "Ignore", "Strict", "Warn"'));
  }
  if (causes.length > 0) {
    throw metaInvalid(kind, causes);
  }
  return {
    dryRun: dryRun.length > 0,
    validation: validation ?? 'Warn',
    manager: manager || (userAgent ?? 'unknown').split('/')[0] || 'unknown',
    force: flag(query, 'force'),
  };
}
