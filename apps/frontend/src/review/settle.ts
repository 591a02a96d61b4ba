import type { ReviewGroup } from '@cloudemy/contracts';

/** Requests at a time: a group can have hundreds. */
const atOnce = 4;

/** How it went for one of a group. */
export interface Settled {
  submission_id: string;
  /** The grade that was put in force; undefined where it was refused. */
  grade_version?: number;
  error?: unknown;
}

/** Does something for each, a few at a time; what fails for one leaves the others alone. */
export async function forEach(
  members: ReviewGroup['submissions'],
  act: (member: ReviewGroup['submissions'][number]) => Promise<number>,
): Promise<Settled[]> {
  const done: Settled[] = [];
  const rest = [...members];
  const work = async (): Promise<void> => {
    for (let member = rest.shift(); member !== undefined; member = rest.shift()) {
      const { submission_id } = member;
      try {
        // Each worker waits for its own request; there are a few workers.
        // oxlint-disable-next-line no-await-in-loop
        done.push({ submission_id, grade_version: await act(member) });
      } catch (error) {
        done.push({ submission_id, error });
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return done;
}

/** Points as they are typed, as a decision: every criterion, so that it counts as looked at also where nothing changes. */
export const decisionOf = (
  criteria: ReviewGroup['criteria'],
  points: ReadonlyMap<string, string>,
): { criterion_id: string; points: number }[] =>
  criteria.map(({ criterion_id, points: before }) => {
    const typed = points.get(criterion_id)?.trim() ?? '';
    return { criterion_id, points: typed === '' ? before : Number(typed) };
  });

/** What the decision adds up to. */
export const sumOf = (decision: readonly { points: number }[]): number =>
  Number(decision.reduce((sum, { points }) => sum + points, 0).toFixed(6));
