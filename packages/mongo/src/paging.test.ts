import { expect, test } from '@jest/globals';
import { cutPage, decodeCursor } from './paging.js';
import { newId } from './ids.js';

const rows = Array.from({ length: 3 }, () => ({ _id: newId().id }));

test('a page knows whether more follows, and its cursor goes on after its last item', () => {
  const page = cutPage(rows, 2, 'things', { owner: 'a' }, ({ _id }) => String(_id));
  expect(page.items).toEqual(rows.slice(0, 2).map(({ _id }) => String(_id)));
  const next = decodeCursor('things', { owner: 'a' }, page.next_cursor ?? undefined);
  expect(String(next)).toBe(String(rows[1]?._id));
  expect(cutPage(rows, 3, 'things', {}, (row) => row).next_cursor).toBeNull();
});

test.each([
  ['other filters', 'things', { owner: 'b' }],
  ['another list', 'others', { owner: 'a' }],
])('a cursor of %s is refused', (_, list, filters) => {
  const { next_cursor } = cutPage(rows, 1, 'things', { owner: 'a' }, (row) => row);
  expect(() => decodeCursor(list, filters, next_cursor ?? '')).toThrow(/other filters/);
});

test.each([
  '',
  'x',
  '%%%',
  Buffer.from('[1,2]').toString('base64url'),
  Buffer.from('{').toString('base64url'),
])('a cursor that is %p is refused', (cursor) => {
  expect(() => decodeCursor('things', {}, cursor)).toThrow(/not a cursor/);
});
