import { type Failure, failure as failureWith } from '@cloudemy/contracts';
import type { JobOutcome, JobReason } from '@cloudemy/k8s';
import { failureOf } from './failure.js';
import type { GracePeriodOf } from './grace-period.js';

/** What this replica remembers of a Job. Losing it costs a repeated report, which changes nothing. */
export interface JobMemory {
  /** What was reported last, as one string. */
  reported?: string;
  /** Since when each trouble is known, in milliseconds of `performance.now()`. Not taken from the objects: the cluster's clock may differ from ours. */
  troubles: Map<JobReason, number>;
  /** When it was first seen ended. */
  endedAt?: number;
  /** Nothing is left to say about it. */
  settled: boolean;
}

export type Decision =
  /** Look again after so many milliseconds, or when something changes. */
  | { kind: 'wait'; againMs?: number }
  | { kind: 'running' }
  | { kind: 'waiting'; code: string; message: string; againMs?: number }
  /** It will not come to anything: fail the attempt and remove the Job. */
  | { kind: 'give_up'; failure: Failure }
  /** The Job ended. Unless a result came, this is why there is none. */
  | { kind: 'ended'; failure: Failure };

export interface DecisionRules {
  gracePeriod: GracePeriodOf;
  /** Milliseconds a result may arrive after its Job has completed. */
  resultGraceMs: number;
}

/** Milliseconds a trouble must last to be worth telling anyone: most pods are unschedulable for a moment. */
const quietMs = 1_000;

/** Milliseconds that the pods of a failed Job may take to end: the runner may still be delivering. */
const endingGraceMs = 10_000;

/** What is to be done about a Job in this state. Pure, but for noting in `memory` when it saw what. */
export function decide(outcome: JobOutcome, memory: JobMemory, rules: DecisionRules, now: number): Decision {
  switch (outcome.phase) {
    case 'succeeded': {
      const left = graceLeft(memory, rules.resultGraceMs, now);
      return left > 0 ? { kind: 'wait', againMs: left } : { kind: 'ended', failure: noResult };
    }
    case 'failed': {
      const grace = outcome.finished ? podGrace(outcome) : endingGraceMs;
      const left = grace === 0 ? 0 : graceLeft(memory, grace, now);
      return left > 0 ? { kind: 'wait', againMs: left } : { kind: 'ended', failure: failureOf(outcome) };
    }
    case 'running':
      memory.troubles.clear();
      return { kind: 'running' };
    default:
      return outcome.troubled ? decideTrouble(outcome, memory, rules, now) : { kind: 'wait' };
  }
}

/** Jobs and pods are watched apart: the pod that tells why its Job failed can show a moment later. */
const podGraceMs = 2_000;

function podGrace({ pod, reason }: JobOutcome): number {
  return pod === undefined && reason === 'failed' ? podGraceMs : 0;
}

const noResult = failureWith('no_result');

function graceLeft(memory: JobMemory, graceMs: number, now: number): number {
  memory.endedAt ??= now;
  return memory.endedAt + graceMs - now;
}

function decideTrouble(outcome: JobOutcome, memory: JobMemory, rules: DecisionRules, now: number): Decision {
  const since = memory.troubles.get(outcome.reason) ?? now;
  memory.troubles.set(outcome.reason, since);
  const failure = failureOf(outcome);
  const grace = rules.gracePeriod(outcome);
  const left = grace === undefined ? undefined : since + grace - now;
  if (left !== undefined && left <= 0) return { kind: 'give_up', failure };
  const quietLeft = since + Math.min(quietMs, (grace ?? quietMs) / 2) - now;
  if (quietLeft > 0) return { kind: 'wait', againMs: quietLeft };
  return {
    kind: 'waiting',
    code: failure.code,
    message: failure.message,
    ...(left === undefined ? {} : { againMs: left }),
  };
}
