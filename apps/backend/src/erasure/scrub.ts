import type { CriterionResult, Failure } from '@cloudemy/contracts';
import type { Verdict } from '../results/model.js';
import type { StoredGrade, StoredHistoryEntry } from '../submissions/model.js';

/** What stands where a person's words were. */
export const erasedWord = 'Erased.';

/** The decision without the words that were made about the work. */
const bare = ({
  criterion_id,
  met,
  points,
  max_points,
  title,
  original,
}: CriterionResult): CriterionResult => ({
  criterion_id,
  met,
  points,
  max_points,
  reason: '',
  evidence: null,
  ...(title === undefined ? {} : { title }),
  ...(original === undefined ? {} : { original: { ...original, reason: '' } }),
});

const withoutDetail = ({ detail: _, ...failure }: Failure): Failure => failure;

/** Points, tags and what it cost stay: figures of a course do not change when a person goes. */
export function scrubVerdict(verdict: Verdict): Verdict {
  if (verdict.kind === 'ungradable') return { ...verdict, raw: '' };
  const { manipulation_quotation: _, ...metrics } = verdict.result.metrics;
  if (verdict.kind === 'failed') {
    return {
      kind: 'failed',
      result: { ...verdict.result, metrics, failure: withoutDetail(verdict.result.failure) },
    };
  }
  const criteria = verdict.result.criteria.map(bare);
  return { kind: 'graded', result: { ...verdict.result, metrics, criteria, feedback: '' } };
}

export function scrubGrade<G extends Pick<StoredGrade, 'criteria' | 'feedback' | 'reason'>>(grade: G): G {
  const { reason = null } = grade;
  return {
    ...grade,
    feedback: null,
    criteria: grade.criteria.map(bare),
    reason: reason === null ? null : erasedWord,
  };
}

/** What happened stays; why a person did it may tell of another. */
export function scrubEntry(entry: StoredHistoryEntry): StoredHistoryEntry {
  const isPersons = entry.actor.startsWith('user:');
  return {
    ...entry,
    reason: isPersons && entry.reason !== null ? erasedWord : entry.reason,
    failure: entry.failure === null ? null : withoutDetail(entry.failure),
  };
}
