import { setTimeout as wait } from 'node:timers/promises';
import { type SubmissionSummary, isFinal } from '@cloudemy/contracts';
import type { Backend } from '../load/submitter.js';

const everyMs = 500;
const pageSize = 100;

/**
 * Waits until every submission of an assignment is final.
 *
 * @param withinMs how long that may take
 * @param onWait hears how many are not, when that changes
 * @returns all of them as they are then
 */
export async function settle(
  backend: Backend,
  assignmentId: string,
  withinMs: number,
  onWait: (open: number) => void,
): Promise<SubmissionSummary[]> {
  const until = performance.now() + withinMs;
  let told: number | undefined;
  for (;;) {
    const all = await everySubmission(backend, assignmentId);
    const open = all.filter(({ status }) => !isFinal(status)).length;
    if (open === 0 || performance.now() > until) return all;
    if (open !== told) onWait(open);
    told = open;
    await wait(everyMs);
  }
}

/** All submissions of an assignment, as they are listed. */
export async function everySubmission(backend: Backend, assignmentId: string): Promise<SubmissionSummary[]> {
  const all: SubmissionSummary[] = [];
  let cursor: string | undefined;
  do {
    const page = await backend.listSubmissions({
      query: { assignment_id: assignmentId, limit: pageSize, ...(cursor === undefined ? {} : { cursor }) },
    });
    all.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return all;
}
