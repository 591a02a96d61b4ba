import type { Assignment, Submission } from '@cloudemy/contracts';
import { type Replica, serviceAuth } from './harness.js';

/** An assignment in Python worth 10 points. */
export const exampleAssignment = {
  title: 'Add two numbers',
  description: 'Write a function add(a, b).',
  language: 'python' as const,
  rubric: {
    criteria: [
      { criterion_id: 'correct', title: 'Adds', points: 7, fail_tag: 'wrong-result' },
      { criterion_id: 'style', title: 'Reads well', points: 3, fail_tag: 'poor-style' },
    ],
  },
};

export const exampleResult = {
  status: 'graded',
  score: 7,
  max_score: 10,
  fail_tags: ['poor-style'],
  feedback: 'It adds.',
  criteria: [
    {
      criterion_id: 'correct',
      met: true,
      points: 7,
      max_points: 7,
      reason: 'It adds.',
      evidence: 'return a + b',
    },
    { criterion_id: 'style', met: false, points: 0, max_points: 3, reason: 'No names.', evidence: null },
  ],
  metrics: { model: 'test', total_tokens: 12, repaired: true },
};

/** A grade of the example with this score, by code that `submit` hands in. */
export const resultOf = (score: number, more: object = {}) => ({
  score,
  criteria: [
    { criterion_id: 'correct', max_points: 7, points: Math.min(7, score) },
    { criterion_id: 'style', max_points: 3, points: Math.max(0, score - 7) },
  ].map((one) => ({ ...one, met: one.points > 0, reason: 'r', evidence: 'return a + b' })),
  ...more,
});

export const exampleFailure = {
  code: 'llm_refused',
  message: 'The model refused to grade this.',
  retryable: false,
} as const;

export function createAssignment({ api }: Replica): Promise<Assignment> {
  return api.createAssignment({ body: exampleAssignment });
}

export function submit({ api }: Replica, assignment: Assignment, code = 'def add(a, b): return a + b') {
  return api.createSubmission({ body: { assignment_id: assignment.assignment_id, code } });
}

/** Claims the current attempt as the scheduler does; the token of the attempt. */
export async function claim({ api }: Replica, { submission_id, attempt }: Submission): Promise<string> {
  const body = { items: [{ submission_id, attempt }] };
  const { items } = await api.claimSubmissions({ body }, { headers: serviceAuth });
  const [item] = items;
  if (item?.outcome !== 'claimed') throw new Error(`not claimed but ${item?.outcome}`);
  return item.result_token;
}

/** Posts a callback as the runner does. A string goes as it is. */
export function deliver(
  replica: Replica,
  submissionId: string,
  token: string | undefined,
  result: unknown,
): Promise<Response> {
  return replica.fetch(`/internal/submissions/${submissionId}/result`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { 'x-result-token': token }),
    },
    body: typeof result === 'string' ? result : JSON.stringify(result),
  });
}

/** A submission as it is now. */
export function read({ api }: Replica, { submission_id }: Submission): Promise<Submission> {
  return api.getSubmission({ params: { submission_id } });
}

/** The states of a submission in order. */
export const path = ({ history }: Submission): string[] => history.map(({ status }) => status);
