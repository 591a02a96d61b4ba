import type { FieldError, RouteInput, RouteSpec } from '@cloudemy/contracts';
import type { Request } from 'express';
import type { z } from 'zod';
import { ProblemError } from './problem-error.js';

/** Faults that an answer names; more are counted. */
const maxFaults = 20;

/**
 * Checks every part of a request against its route.
 *
 * @throws ProblemError `invalid_request` that names the first faults of all parts at once, and counts the rest.
 */
export function validate<R extends RouteSpec>(route: R, req: Request): RouteInput<R> {
  const faults = new Faults();
  const check = (where: FieldError['in'], schema: z.ZodType | undefined, value: unknown): unknown => {
    if (schema === undefined) return undefined;
    const outcome = schema.safeParse(value);
    if (outcome.success) return outcome.data;
    for (const issue of outcome.error.issues) addFaults(faults, where, issue, value);
    return undefined;
  };
  const input = {
    params: check('path', route.params, req.params),
    query: check('query', route.query, req.query),
    headers: check('header', route.headers, req.headers),
    body: check('body', route.body, req.body),
  };
  faults.throwIfAny();
  // Each part was parsed by the very schema its type is made from.
  return input as RouteInput<R>;
}

/** What is wrong with a request: the first faults, and how many there are. */
class Faults {
  private readonly first: FieldError[] = [];
  private count = 0;

  add(where: FieldError['in'], path: readonly PropertyKey[], reason: string): void {
    this.count += 1;
    if (this.first.length < maxFaults) this.first.push({ in: where, path: pathOf(path), reason });
  }

  /** Counts more that are not named. */
  addUnnamed(count: number): void {
    this.count += count;
  }

  throwIfAny(): void {
    const [first] = this.first;
    if (first === undefined) return;
    const omitted = this.count - this.first.length;
    const rest = this.count > 1 ? ` (and ${this.count - 1} more, see errors)` : '';
    throw new ProblemError('invalid_request', {
      detail: `${first.in} ${first.path === '' ? '' : `${first.path.slice(0, 200)} `}${first.reason}${rest}.`,
      errors: this.first,
      errorsOmitted: omitted,
    });
  }
}

function addFaults(faults: Faults, where: FieldError['in'], issue: z.core.$ZodIssue, value: unknown): void {
  if (where === 'body' && value === undefined) {
    faults.add(where, [], 'is missing: send a JSON object with Content-Type application/json');
    return;
  }
  if (issue.code === 'unrecognized_keys') {
    const named = issue.keys.slice(0, maxFaults);
    for (const key of named) {
      faults.add(where, [...issue.path, key], 'is not a known field: remove it or correct its name');
    }
    faults.addUnnamed(issue.keys.length - named.length);
    return;
  }
  if (issue.code === 'invalid_type' && at(value, issue.path) === undefined) {
    faults.add(where, issue.path, `is missing: ${issue.expected} expected`);
    return;
  }
  const branch = issue.code === 'invalid_union' ? closestBranch(issue.errors) : undefined;
  if (branch === undefined) {
    faults.add(where, issue.path, issue.message);
    return;
  }
  for (const inner of branch) {
    addFaults(faults, where, { ...inner, path: [...issue.path, ...inner.path] }, value);
  }
}

/** Of a union's branches the one with the fewest faults is what the client most likely meant. */
function closestBranch(branches: z.core.$ZodIssue[][]): z.core.$ZodIssue[] | undefined {
  return branches.toSorted((a, b) => a.length - b.length)[0];
}

/** `rubric.criteria[0].points` */
function pathOf(path: readonly PropertyKey[]): string {
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
