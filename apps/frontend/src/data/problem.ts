import type { FieldError, ObjectReport } from '@cloudemy/contracts';

/** What went wrong, as a page shows it. */
export interface Trouble {
  status: number;
  code: string;
  /** A sentence for whoever reads the page; empty when nobody could give one. */
  detail: string;
  requestId: string | undefined;
  errors: FieldError[];
  objects: ObjectReport[];
}

/** Reads problem+json without trusting it: a proxy in between may have answered. */
export function troubleOf(status: number, body: unknown): Trouble {
  const text = (name: string): string | undefined => {
    const value: unknown = body instanceof Object ? Reflect.get(body, name) : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  const listOf = <T>(name: string): T[] => {
    const value: unknown = body instanceof Object ? Reflect.get(body, name) : undefined;
    return Array.isArray(value) ? value : [];
  };
  return {
    status,
    code: text('code') ?? 'unreadable',
    detail: text('detail') ?? '',
    requestId: text('request_id'),
    errors: listOf<FieldError>('errors'),
    objects: listOf<ObjectReport>('objects'),
  };
}

/** A call failed; what is known of it. */
export class TroubleError extends Error {
  override readonly name = 'TroubleError';
  readonly trouble: Trouble;

  constructor(trouble: Trouble) {
    super(trouble.detail);
    this.trouble = trouble;
  }
}

/** What any error means to a reader. */
export function asTrouble(error: unknown): Trouble {
  if (error instanceof TroubleError) return error.trouble;
  return { status: 0, code: 'unreachable', detail: '', requestId: undefined, errors: [], objects: [] };
}
