import { type FieldError, type Problem, type ProblemCode, problemTable } from '@cloudemy/contracts';

export interface ProblemOptions {
  /** What happened to this request and what to do about it. */
  detail: string;
  errors?: FieldError[];
  /** How many more there are than `errors` names. */
  errorsOmitted?: number;
  /** Further members of the problem. */
  extensions?: Pick<Problem, 'deployment_id' | 'objects'>;
  /** Seconds, for `Retry-After`. */
  retryAfter?: number;
  headers?: Record<string, string>;
  cause?: unknown;
}

/** An error meant for the client: becomes problem+json in `problemHandler`, whoever throws it. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: number;
  readonly errors: FieldError[] | undefined;
  readonly errorsOmitted: number;
  readonly extensions: ProblemOptions['extensions'];
  readonly headers: Record<string, string>;

  readonly code: ProblemCode;

  constructor(code: ProblemCode, options: ProblemOptions) {
    const { detail, errors, errorsOmitted, extensions, retryAfter, headers, cause } = options;
    super(detail, { cause });
    this.code = code;

    this.status = problemTable[code].status;
    this.errors = errors;
    this.errorsOmitted = errorsOmitted ?? 0;
    this.extensions = extensions;
    this.headers = {
      ...headers,
      ...(retryAfter === undefined ? {} : { 'Retry-After': String(Math.max(1, Math.ceil(retryAfter))) }),
    };
  }

  /** The body of the answer. */
  toProblem(requestId: string): Problem {
    return {
      type: `urn:cloudemy:problem:${this.code}`,
      title: problemTable[this.code].title,
      status: this.status,
      code: this.code,
      detail: this.message,
      request_id: requestId,
      ...(this.errors === undefined ? {} : { errors: this.errors }),
      ...(this.errorsOmitted === 0 ? {} : { errors_omitted: this.errorsOmitted }),
      ...this.extensions,
    };
  }
}

/** The usual "no such thing". */
export function notFound(what: string, id: string): ProblemError {
  return new ProblemError('not_found', { detail: `There is no ${what} with the id ${id}.` });
}
