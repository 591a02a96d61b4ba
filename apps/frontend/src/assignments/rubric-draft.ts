import type { Criterion, Rubric } from '@cloudemy/contracts';

/** A criterion while it is written; points as they are typed. */
export interface DraftCriterion {
  /** Of this page alone. */
  key: string;
  /** Kept from one version to the next; made of the title for a new one. */
  id: string;
  title: string;
  description: string;
  points: string;
  failTag: string;
}

export const emptyCriterion = (): DraftCriterion => ({
  key: crypto.randomUUID(),
  id: '',
  title: '',
  description: '',
  points: '10',
  failTag: '',
});

export const draftOf = ({ criteria }: Rubric): DraftCriterion[] =>
  criteria.map((one) => ({
    key: one.criterion_id,
    id: one.criterion_id,
    title: one.title,
    description: one.description,
    points: String(one.points),
    failTag: one.fail_tag ?? '',
  }));

/** The rubric as it is sent: every criterion has an id of its own. */
export function rubricOf(drafts: readonly DraftCriterion[]): { criteria: Criterion[] } {
  const taken = new Set(drafts.map(({ id }) => id));
  return {
    criteria: drafts.map(({ id, title, description, points, failTag }) => ({
      criterion_id: id === '' ? freshId(title, taken) : id,
      title,
      description,
      points: Number(points),
      fail_tag: failTag.trim() === '' ? null : failTag.trim(),
    })),
  };
}

/** Of the letters of a title; of titles in other scripts a number is made. */
function freshId(title: string, taken: Set<string>): string {
  const base =
    title
      .normalize('NFKD')
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 50)
      .replace(/-+$/, '') || 'criterion';
  let id = base;
  for (let number = 2; taken.has(id); number += 1) id = `${base}-${number}`;
  taken.add(id);
  return id;
}

/** The list with one moved by so many places. */
export function moved<T>(list: readonly T[], index: number, by: number): T[] {
  const next = [...list];
  const [one] = next.splice(index, 1);
  if (one !== undefined) next.splice(Math.max(0, Math.min(next.length, index + by)), 0, one);
  return next;
}
