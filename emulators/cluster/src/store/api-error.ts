/** One fault of a request, as `details.causes` of a Status lists it. */
export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** `meta/v1` Status of a failure. */
export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: object;
  status: 'Failure';
  message: string;
  reason?: string;
  details?: StatusDetails;
  code: number;
}

/** A refusal that goes to the client as it is: an HTTP status code with a Kubernetes Status as body. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: StatusDetails | undefined;

  constructor(
    code: number,
    reason: string,
    message: string,
    details?: StatusDetails,
    options: { cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ApiError';
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  /** The body of the answer. */
  toStatus(): Status {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      ...(this.reason === '' ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    };
  }
}

/** `plural` with its API group, split from `plural.group`. */
export function groupResource(resource: string): { kind: string; group?: string } {
  const dot = resource.indexOf('.');
  return dot < 0 ? { kind: resource } : { group: resource.slice(dot + 1), kind: resource.slice(0, dot) };
}

/** 404 for an object that is not there. `resource` is `plural.group`. */
export function notFound(resource: string, name: string): ApiError {
  return new ApiError(404, 'NotFound', `${resource} "${name}" not found`, {
    name,
    ...groupResource(resource),
  });
}

/** 409 for a name that is taken. */
export function alreadyExists(resource: string, name: string, prefix = ''): ApiError {
  return new ApiError(409, 'AlreadyExists', `${prefix}${resource} "${name}" already exists`, {
    name,
    ...groupResource(resource),
  });
}

/** 409 for a write that does not fit the stored state. */
export function conflict(resource: string, name: string, why: string): ApiError {
  return new ApiError(409, 'Conflict', `Operation cannot be fulfilled on ${resource} "${name}": ${why}`, {
    name,
    ...groupResource(resource),
  });
}

/** 403 by an admission rule. */
export function forbidden(resource: string, name: string, why: string, causes?: StatusCause[]): ApiError {
  return new ApiError(403, 'Forbidden', `${resource} "${name}" is forbidden: ${why}`, {
    name,
    ...groupResource(resource),
    ...(causes === undefined ? {} : { causes }),
  });
}

/** 400 without details. */
export function badRequest(message: string, cause?: unknown): ApiError {
  return new ApiError(400, 'BadRequest', message, undefined, cause === undefined ? {} : { cause });
}

/**
 * 422: `kind` is the Kind (not the plural), as the API server has it for validation errors. What was found twice is
 * listed twice and told once.
 */
export function invalid(kind: string, group: string, name: string, causes: StatusCause[]): ApiError {
  const lines = causes.map((cause) =>
    cause.field === undefined ? `${cause.message}` : `${cause.field || '[]'}: ${cause.message}`,
  );
  const told = [...new Set(lines)];
  const text = told.length === 1 ? told[0] : `[${told.join(', ')}]`;
  const subject = group === '' ? kind : `${kind}.${group}`;
  return new ApiError(422, 'Invalid', `${subject} "${name}" is invalid: ${text}`, {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    kind,
    causes,
  });
}
