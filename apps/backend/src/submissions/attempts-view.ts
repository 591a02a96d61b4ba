import { type AttemptSummary, type Failure, currentCode, isFinal } from '@cloudemy/contracts';
import { changesIn, transitionsIn } from '../grades/history.js';
import type { StoredHistoryEntry } from './model.js';

/** How a failure is shown: to students without its detail. */
export type ShowFailure = (failure: Failure | null) => Failure | null;

/**
 * Every attempt as the history tells it, first to last.
 *
 * @param drafts whether the reader sees what attempts came to that change no grade: who runs the course does.
 *   `withheld`: not what any attempt came to
 */
export function attemptsView(
  whole: readonly StoredHistoryEntry[],
  show: ShowFailure = failureView,
  drafts: 'shown' | 'hidden' | 'withheld' = show === detailedFailure ? 'shown' : 'hidden',
): AttemptSummary[] {
  const history = transitionsIn(whole);
  const begun = history.filter(({ status }) => status === 'queued');
  return begun.map((first, index) => {
    const isHidden = drafts === 'withheld' || (drafts === 'hidden' && isSecret(whole, first.attempt));
    return summary(first, history, begun[index + 1], show, isHidden);
  });
}

/** Whether an attempt is a draft that was never put in force: no matter of whose submission it is. */
export const isSecret = (history: readonly StoredHistoryEntry[], attempt: number): boolean =>
  history.some((entry) => entry.attempt === attempt && entry.draft === true) &&
  !changesIn(history).some((change) => change.attempt === attempt);

function summary(
  first: StoredHistoryEntry,
  history: readonly StoredHistoryEntry[],
  next: StoredHistoryEntry | undefined,
  show: ShowFailure,
  isHidden: boolean,
): AttemptSummary {
  const own = history.filter(({ attempt }) => attempt === first.attempt);
  const last = own.at(-1) ?? first;
  const started = own.find(({ status }) => status === 'running');
  // An attempt that is tried again by itself has no end of its own: what begins the next one says why.
  const end = isFinal(last.status) ? last : next;
  const result = isHidden ? { ...end, score: null, fail_tags: [] } : end;
  const ended = end === undefined ? unfinished : { ...end, ...result, finished_at: end.at.toISOString() };
  const replaced = end !== undefined && end === next;
  return {
    attempt: first.attempt,
    assignment_version: first.assignment_version,
    draft: first.draft === true,
    status: replaced ? 'failed' : last.status,
    score: ended.score,
    max_score: first.max_score,
    fail_tags: ended.fail_tags,
    failure: show(ended.failure),
    queued_at: first.at.toISOString(),
    started_at: started?.at.toISOString() ?? null,
    finished_at: ended.finished_at,
  };
}

const unfinished = { score: null, fail_tags: [], failure: null, finished_at: null };

/** A failure in the words of today, as an earlier version may have stored it, with all that is known of it. */
export const detailedFailure: ShowFailure = (failure) =>
  failure === null ? null : { ...failure, code: currentCode(failure.code) };

/** The same for whoever may be a student: what the endpoint of the model said is no matter of theirs. */
export const failureView: ShowFailure = (failure) => {
  const shown = detailedFailure(failure);
  if (shown === null) return null;
  const { detail: _, ...plain } = shown;
  return plain;
};
