import type { FieldError, RouteInput, RouteSpec } from '@cloudemy/contracts';
import type { Request } from 'express';
import type { z } from 'zod';
import { ProblemError } from './problem-error.js';

/**
 * Checks every part of a request against its route.
 *
 * @throws ProblemError `invalid_request` that names all faults at once.
 */
export function validate<R extends RouteSpec>(route: R, req: Request): RouteInput<R> {
  const errors: FieldError[] = [];
  const check = (where: FieldError['in'], schema: z.ZodType | undefined, value: unknown): unknown => {
    if (schema === undefined) return undefined;
    const outcome = schema.safeParse(value);
    if (outcome.success) return outcome.data;
    errors.push(...outcome.error.issues.flatMap((issue) => fieldErrors(where, issue, value)));
    return undefined;
  };
  const input = {
    params: check('path', route.params, req.params),
    query: check('query', route.query, req.query),
    headers: check('header', route.headers, req.headers),
    body: check('body', route.body, req.body),
  };
  if (errors.length > 0) {
    const [first] = errors;
    const rest = errors.length > 1 ? ` (and ${errors.length - 1} more, see errors)` : '';
    throw new ProblemError('invalid_request', {
      detail: `${first?.in} ${first?.path === '' ? '' : `${first?.path} `}${first?.reason}${rest}.`,
      errors,
    });
  }
  // Each part was parsed by the very schema its type is made from.
  return input as RouteInput<R>;
}

function fieldErrors(where: FieldError['in'], issue: z.core.$ZodIssue, value: unknown): FieldError[] {
  if (where === 'body' && value === undefined) {
    return [
      { in: where, path: '', reason: 'is missing: send a JSON object with Content-Type application/json' },
    ];
  }
  const path = pathOf(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      in: where,
      path: pathOf([...issue.path, key]),
      reason: 'is not a known field: remove it or correct its name',
    }));
  }
  if (issue.code === 'invalid_type' && at(value, issue.path) === undefined) {
    return [{ in: where, path, reason: `is missing: ${issue.expected} expected` }];
  }
  const branch = issue.code === 'invalid_union' ? closestBranch(issue.errors) : undefined;
  if (branch !== undefined) {
    return branch.flatMap((inner) =>
      fieldErrors(where, { ...inner, path: [...issue.path, ...inner.path] }, value),
    );
  }
  return [{ in: where, path, reason: issue.message }];
}

/** Of a union's branches the one with the fewest faults is what the client most likely meant. */
function closestBranch(branches: z.core.$ZodIssue[][]): z.core.$ZodIssue[] | undefined {
  return branches.toSorted((a, b) => a.length - b.length)[0];
}

/** `rubric.criteria[0].points` */
export function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`,
    '',
  );
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (node, key) => (typeof node === 'object' && node !== null ? Reflect.get(node, key) : undefined),
    value,
  );
}
