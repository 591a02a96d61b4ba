import { type AssignmentStats, type SubmissionStatus, scoreBands } from '@cloudemy/contracts';
import type { Tally } from './model.js';

/** The tallies of all days as one list, in which those that ended alike are one. */
export function totalOf(days: Readonly<Record<string, readonly Tally[]>>): Tally[] {
  const total = new Map<string, Tally>();
  for (const tally of Object.values(days).flat()) {
    const key = `${tally.status} ${tally.score} ${tally.max_score}`;
    const known = total.get(key);
    total.set(key, { ...tally, count: tally.count + (known?.count ?? 0) });
  }
  return [...total.values()];
}

/** How many submissions are in each state, and how the grades in force are spread. */
export function summaryOf(
  tallies: readonly Tally[],
): Pick<AssignmentStats, 'by_status' | 'scores' | 'submissions'> {
  const byStatus: Record<SubmissionStatus, number> = {
    queued: 0,
    scheduled: 0,
    running: 0,
    graded: 0,
    failed: 0,
    cancelled: 0,
  };
  for (const { status, count } of tallies) byStatus[status] += count;
  return {
    submissions: Object.values(byStatus).reduce((sum, count) => sum + count, 0),
    by_status: byStatus,
    scores: spreadOf(tallies.flatMap(shareOf)),
  };
}

/** So many submissions got this share of the most points, from 0 to 1. */
interface Share {
  share: number;
  count: number;
}

/** Whatever its last attempt comes to, a submission with a grade counts. */
function shareOf({ score, max_score: most, count }: Tally): Share[] {
  if (score === null || most <= 0) return [];
  return [{ share: score / most, count }];
}

function spreadOf(shares: readonly Share[]): AssignmentStats['scores'] {
  const distribution = Array.from({ length: scoreBands }, () => 0);
  let [sum, total] = [0, 0];
  for (const { share, count } of shares) {
    const band = Math.min(scoreBands - 1, Math.max(0, Math.floor(share * scoreBands)));
    distribution[band] = (distribution[band] ?? 0) + count;
    sum += share * count;
    total += count;
  }
  if (total === 0) return { mean: null, median: null, distribution };
  const sorted = shares.toSorted((a, b) => a.share - b.share);
  const median = (ranked(sorted, Math.floor((total - 1) / 2)) + ranked(sorted, Math.floor(total / 2))) / 2;
  return { mean: sum / total, median, distribution };
}

/** The share at this place of the order, counted from 0. */
function ranked(sorted: readonly Share[], place: number): number {
  let passed = 0;
  for (const { share, count } of sorted) {
    passed += count;
    if (place < passed) return share;
  }
  return Number.NaN;
}
