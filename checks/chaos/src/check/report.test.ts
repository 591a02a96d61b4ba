import { expect, test } from '@jest/globals';
import type { Audited } from '@cloudemy/backend/audit';
import type { SubmissionSummary } from '@cloudemy/contracts';
import { type Findings, brokenPromises, reportOf } from './report.js';

function shown(id: string, change: Partial<SubmissionSummary> = {}): SubmissionSummary {
  const at = '2026-01-01T00:00:00.000Z';
  return {
    submission_id: id,
    assignment_id: 'a',
    assignment_version: 1,
    user_id: 'u',
    submitted_by: 'u',
    language: 'python',
    code_bytes: 1,
    status: 'graded',
    attempt: 1,
    score: 1,
    max_score: 1,
    fail_tags: [],
    grade: {
      source: 'attempt',
      actor: 'runner',
      reason: null,
      version: 3,
      attempt: 1,
      assignment_version: 1,
      score: 1,
      max_score: 1,
      graded_at: at,
    },
    grade_withheld: false,
    failure: null,
    waiting: null,
    created_at: at,
    updated_at: at,
    finished_at: at,
    erased_at: null,
    ...change,
  };
}

const stored = (submissionId: string, change: Partial<Audited> = {}): Audited => ({
  submissionId,
  status: 'graded',
  attempts: 1,
  grades: 1,
  faults: [],
  ...change,
});

const fine: Findings = {
  seed: 7,
  faults: 3,
  acknowledged: ['1', '2'],
  notAcknowledged: 0,
  repeated: 1,
  shown: [shown('1'), shown('2')],
  stored: [stored('1'), stored('2')],
  leftovers: [],
  excused: new Set(),
  gradesChanged: [],
  receiptsUnfit: [],
  leftOpen: [],
  overMemory: [],
  findings: [],
  memory: { 'backend-1': 90 },
  answers: { byStatus: { '202': 2 }, serverErrors: [] },
  crashes: 0,
  seconds: 1.4,
};
const failure = { code: 'node_lost', message: 'The node was lost.', retryable: true } as const;

test('a run in which nothing went wrong breaks no promise', () => {
  expect(brokenPromises(reportOf(fine), true)).toEqual([]);
  expect(reportOf(fine)).toMatchObject({ submitted: 2, graded: 2, faults: 3, seed: 7, attempts: 2 });
});

test.each<[string, Partial<Findings>, string]>([
  ['acknowledged and gone', { shown: [shown('1')] }, 'lost'],
  ['not final at the end', { shown: [shown('1'), shown('2', { status: 'running' })] }, 'stuck'],
  ['failed without a reason', { shown: [shown('1'), shown('2', { status: 'failed' })] }, 'stuck'],
  ['two accepted grades', { stored: [stored('1'), stored('2', { grades: 2 })] }, 'graded_twice'],
  ['one request, two submissions', { shown: [shown('1'), shown('2'), shown('3')] }, 'graded_twice'],
  ['a Job is left', { leftovers: ['Job runner-1'] }, 'leftovers'],
  ['a history that no table allows', { stored: [stored('1', { faults: ['x'] }), stored('2')] }, 'invalid'],
  [
    'blamed on the code',
    {
      shown: [
        shown('1'),
        shown('2', {
          status: 'failed',
          failure: { ...failure, code: 'result_ungradable', retryable: false },
        }),
      ],
    },
    'misjudged',
  ],
  ['never acknowledged', { notAcknowledged: 1 }, 'not_acknowledged'],
  ['a receipt that does not fit', { receiptsUnfit: ['1: changed'] }, 'receipts_unfit'],
  ['a grade that was taken away', { gradesChanged: ['1: the grade was 3 and is null'] }, 'grades_changed'],
  [
    'failed because the model was away',
    {
      shown: [
        shown('1'),
        shown('2', { status: 'failed', failure: { ...failure, code: 'llm_auth_failed', retryable: true } }),
      ],
    },
    'failed_by_outage',
  ],
  [
    'an answer with 500',
    { answers: { byStatus: { '500': 1 }, serverErrors: ['backend: 500 to GET /submissions, request 1'] } },
    'server_errors',
  ],
  ['a stream without a reader', { leftOpen: ['backend-1: submission_event_streams 1'] }, 'left_open'],
  [
    'more memory than the pod has',
    { overMemory: ['scheduler-1 took 400 MiB; its pod has 384'] },
    'over_memory',
  ],
  ['a damaged file that was served', { findings: ['MongoDB starts on a damaged file'] }, 'findings'],
])('%s is told', (_, change, promise) => {
  expect(brokenPromises(reportOf({ ...fine, ...change }), false)).toEqual([promise]);
});

test('a failure with a reason is an answer, but not in a rollout', () => {
  const report = reportOf({ ...fine, shown: [shown('1'), shown('2', { status: 'failed', failure })] });
  expect(brokenPromises(report, false)).toEqual([]);
  expect(brokenPromises(report, true)).toEqual(['failed_with_reason']);
});

test('what a restored copy of the database does not know is not lost, and is counted', () => {
  const report = reportOf({ ...fine, shown: [shown('1')], excused: new Set(['2']) });
  expect(report).toMatchObject({ lost: 0, restored_over: 1 });
});
