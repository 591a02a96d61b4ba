import { badRequest, invalid } from '../../store/api-error.js';
import type { StatusCause } from '../../store/api-error.js';
import type { LogOptions } from '../../kubelet-contract.js';
import { flag, integer } from '../request-info.js';

function atLeast(field: string, value: number | undefined, least: 0 | 1): StatusCause[] {
  if (value === undefined || value >= least) {
    return [];
  }
  const bound = least === 0 ? 'greater than or equal to 0' : 'greater than 0';
  return [{ reason: 'FieldValueInvalid', message: `Invalid value: ${value}: must be ${bound}`, field }];
}

function instant(text: string): number {
  const moment = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(moment)) {
    throw badRequest(
      `parsing time "${text}" as "2006-01-02T15:04:05Z07:00": cannot parse "${text}" as "2006"`,
    );
  }
  return moment;
}

/** @throws ApiError 400 for what is no number or time, 422 for values out of range. */
export function parseLogOptions(query: URLSearchParams, pod: string, signal: AbortSignal): LogOptions {
  const tailLines = integer(query, 'tailLines');
  const limitBytes = integer(query, 'limitBytes');
  const sinceSeconds = integer(query, 'sinceSeconds');
  const since = query.get('sinceTime');
  const sinceTime = since ? instant(since) : undefined;
  const causes: StatusCause[] = [
    ...atLeast('tailLines', tailLines, 0),
    ...atLeast('limitBytes', limitBytes, 1),
    ...atLeast('sinceSeconds', sinceSeconds, 1),
  ];
  if (sinceSeconds !== undefined && sinceTime !== undefined) {
    const message = 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified';
    causes.push({ reason: 'FieldValueForbidden', message, field: '[]' });
  }
  if (query.get('stream') !== null) {
    causes.push({
      reason: 'FieldValueForbidden',
      message: 'Forbidden: may not be specified',
      field: 'stream',
    });
  }
  if (causes.length > 0) {
    throw invalid('PodLogOptions', '', pod, causes);
  }
  const start = sinceSeconds === undefined ? sinceTime : Date.now() - sinceSeconds * 1000;
  return {
    follow: flag(query, 'follow'),
    previous: flag(query, 'previous'),
    timestamps: flag(query, 'timestamps'),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(start === undefined ? {} : { sinceTime: start }),
    signal,
  };
}
