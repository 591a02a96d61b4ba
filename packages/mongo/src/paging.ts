import { createHash } from 'node:crypto';
import { ProblemError } from '@cloudemy/service';
import type { Types } from 'mongoose';
import { z } from 'zod';
import { Id } from '@cloudemy/contracts';
import { objectId } from './ids.js';

/** What a list is narrowed by; a cursor is good for the same filters only. */
export type Filters = Readonly<Record<string, string | undefined>>;

const Cursor = z.tuple([z.string(), Id]);

/** An opaque cursor: the last id of the page before, bound to the filters of its list. */
export function encodeCursor(list: string, filters: Filters, last: Types.ObjectId): string {
  return Buffer.from(JSON.stringify([fingerprint(list, filters), String(last)])).toString('base64url');
}

/**
 * The id after which the next page begins; undefined for the first page.
 *
 * @throws ProblemError `invalid_request` for a cursor that is damaged or of another list or other filters.
 */
export function decodeCursor(
  list: string,
  filters: Filters,
  cursor: string | undefined,
): Types.ObjectId | undefined {
  if (cursor === undefined) return undefined;
  const [print, last] = parse(cursor);
  if (print !== fingerprint(list, filters)) {
    throw badCursor('belongs to a list with other filters: keep the filters while paging, or begin anew');
  }
  return objectId(last);
}

/**
 * Cuts what was read with a limit one above the page's into the page and its cursor.
 *
 * @param rows newest first, at most `limit + 1`
 */
export function cutPage<Row extends { _id: Types.ObjectId }, Item>(
  rows: readonly Row[],
  limit: number,
  list: string,
  filters: Filters,
  view: (row: Row) => Item,
): { items: Item[]; next_cursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items: page.map(view), next_cursor: more ? encodeCursor(list, filters, last._id) : null };
}

function parse(cursor: string): z.output<typeof Cursor> {
  try {
    return Cursor.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch (cause) {
    throw badCursor('is not a cursor of this service: pass next_cursor as it came', cause);
  }
}

function badCursor(reason: string, cause?: unknown): ProblemError {
  return new ProblemError('invalid_request', {
    detail: `query cursor ${reason}.`,
    errors: [{ in: 'query', path: 'cursor', reason }],
    cause,
  });
}

function fingerprint(list: string, filters: Filters): string {
  const known = Object.entries(filters)
    .filter(([, value]) => value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([list, known]))
    .digest('base64url')
    .slice(0, 12);
}
