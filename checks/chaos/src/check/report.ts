import type { Audited } from '@cloudemy/backend/audit';
import { type Failure, type SubmissionSummary, isFinal, meetsEverybody } from '@cloudemy/contracts';
import type { Answers } from './answers.js';

/** What a run came to: the line it prints. */
export interface Report {
  /** Acknowledged with 2xx. */
  submitted: number;
  graded: number;
  failed_with_reason: number;
  /** By their clients; those that asked too late are graded. */
  cancelled: number;
  /** Acknowledged, and not there any more. */
  lost: number;
  /** Not final when the time was over, or failed without a reason. */
  stuck: number;
  /** Submissions with more than one accepted grade, and requests that became two submissions. */
  graded_twice: number;
  /** Jobs, pods, processes, records and messages of work that is done. */
  leftovers: number;
  /** Faults that were inflicted. */
  faults: number;
  seed: number;
  /** Submissions whose history or results break a rule. */
  invalid: number;
  /** Submissions that failed for a reason that none of the faults can be. */
  misjudged: number;
  /** Never acknowledged, however often they were sent. */
  not_acknowledged: number;
  /** Grades in force that were taken away or changed. */
  grades_changed: number;
  /** Receipts of attempts that have ended which do not verify, or tell of another grade. */
  receipts_unfit: number;
  /** Submissions that failed by what meets everybody, such as a model that is away: those must wait. */
  failed_by_outage: number;
  /** Answers with 500, 502 or 504. */
  server_errors: number;
  /** Event streams, followed logs and terminals that are counted as open after all readers have gone. */
  left_open: number;
  /** Services that took more memory than their pods have. */
  over_memory: number;
  /** What else faults have found, such as a deployment that cannot be deleted. */
  findings: number;
  /** Acknowledged after the copy was made that later took the database's place: lost with what was restored over. */
  restored_over: number;
  /** Requests that clients had to repeat. */
  repeated: number;
  /** Attempts, of all submissions together. */
  attempts: number;
  /** Times that a process ended by itself. */
  crashes: number;
  seconds: number;
  /** Submissions that failed, by the code of the reason. */
  reasons: Record<string, number>;
  /** Answers of all services, also to each other, by status. */
  answers: Record<string, number>;
  /** The most memory each service had, in MiB. */
  memory: Record<string, number>;
}

export interface Findings {
  seed: number;
  /** Inflicted. */
  faults: number;
  acknowledged: readonly string[];
  /** Of these, those that a restore may have taken. */
  excused: ReadonlySet<string>;
  notAcknowledged: number;
  repeated: number;
  /** As the API shows them. */
  shown: readonly SubmissionSummary[];
  /** As the database has them. */
  stored: readonly Audited[];
  leftovers: readonly string[];
  /** In words, each. */
  gradesChanged: readonly string[];
  receiptsUnfit: readonly string[];
  leftOpen: readonly string[];
  overMemory: readonly string[];
  findings: readonly string[];
  memory: Record<string, number>;
  answers: Answers;
  crashes: number;
  seconds: number;
}

/** Counts what was found. Pure. */
export function reportOf(found: Findings): Report {
  const { shown, stored, acknowledged } = found;
  const known = new Set(shown.map(({ submission_id: id }) => id));
  const unasked = [...known].filter((id) => !acknowledged.includes(id)).length;
  const withStatus = (status: string) => shown.filter((one) => one.status === status);
  const explained = withStatus('failed').filter(({ failure }) => (failure?.message ?? '') !== '');
  const unexplained = withStatus('failed').length - explained.length;
  return {
    submitted: acknowledged.length,
    graded: withStatus('graded').length,
    failed_with_reason: explained.length,
    cancelled: withStatus('cancelled').length,
    lost: acknowledged.filter((id) => !known.has(id) && !found.excused.has(id)).length,
    restored_over: acknowledged.filter((id) => !known.has(id) && found.excused.has(id)).length,
    stuck: shown.filter(({ status }) => !isFinal(status)).length + unexplained,
    graded_twice:
      stored.filter(({ grades }) => grades > 1).length + Math.max(0, unasked - found.notAcknowledged),
    leftovers: found.leftovers.length,
    faults: found.faults,
    seed: found.seed,
    invalid: stored.filter(({ faults }) => faults.length > 0).length,
    misjudged: explained.filter(({ failure }) => isMisjudged(failure)).length,
    not_acknowledged: found.notAcknowledged,
    grades_changed: found.gradesChanged.length,
    receipts_unfit: found.receiptsUnfit.length,
    failed_by_outage: explained.filter(({ failure }) => failure !== null && meetsEverybody(failure.code))
      .length,
    server_errors: found.answers.serverErrors.length,
    left_open: found.leftOpen.length,
    over_memory: found.overMemory.length,
    findings: found.findings.length,
    repeated: found.repeated,
    attempts: stored.reduce((sum, { attempts }) => sum + attempts, 0),
    crashes: found.crashes,
    seconds: Math.round(found.seconds),
    reasons: countOf(explained.map(({ failure }) => failure?.code ?? '')),
    answers: found.answers.byStatus,
    memory: found.memory,
  };
}

/**
 * Whether a failure blames the code or the installation, which are in order: the faults pass, so that another attempt
 * may end better.
 */
function isMisjudged(failure: Failure | null): boolean {
  return failure?.retryable === false;
}

function countOf(words: readonly string[]): Record<string, number> {
  const groups = Object.groupBy(words, (word) => word);
  return Object.fromEntries(Object.entries(groups).map(([word, same = []]) => [word, same.length]));
}

/** Counts that must be 0, or a promise was broken. */
const mustBeZero = [
  'lost',
  'stuck',
  'graded_twice',
  'leftovers',
  'invalid',
  'misjudged',
  'not_acknowledged',
  'grades_changed',
  'receipts_unfit',
  'failed_by_outage',
  'server_errors',
  'left_open',
  'over_memory',
  'findings',
] as const;

/** @param strict a rollout: no submission may fail either, whatever the reason */
export function brokenPromises(report: Report, strict: boolean): string[] {
  const names = strict ? ([...mustBeZero, 'failed_with_reason'] as const) : mustBeZero;
  return names.filter((name) => report[name] !== 0);
}
