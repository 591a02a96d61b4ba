import { type AttemptOutcome, isFinal } from '@cloudemy/contracts';
import { transitionsIn } from '../grades/history.js';
import { attemptsView, failureView } from '../submissions/attempts-view.js';
import type { StoredHistoryEntry } from '../submissions/model.js';

type History = readonly StoredHistoryEntry[];

/** How an attempt ended, as the history tells it; null when it knows none. */
export function outcomeOf(history: History, attempt: number): AttemptOutcome | null {
  const found = attemptsView(history, failureView, 'shown').find((one) => one.attempt === attempt);
  if (found === undefined) return null;
  const { assignment_version, status, score, max_score, fail_tags, failure } = found;
  return { attempt, assignment_version, status, score, max_score, fail_tags, failure };
}

/** How a request ended that began with this attempt; null while it continues, retries included. */
export function endOfRequest(history: History, attempt: number): AttemptOutcome | null {
  const end = transitionsIn(history).find((entry) => entry.attempt >= attempt && isFinal(entry.status));
  return end === undefined ? null : outcomeOf(history, end.attempt);
}
