import { Rubric, RunnerRecord } from '@cloudemy/contracts';

export const goodCode = `def mean(values):
    """Return the arithmetic mean of a list of numbers.

    Raises ValueError when the list is empty.
    """
    if not values:
        raise ValueError("values must not be empty")
    return sum(values) / len(values)
`;

export const rubric = Rubric.parse({
  criteria: [
    {
      criterion_id: 'correct-result',
      title: 'Correct result',
      description: '`mean` returns the arithmetic mean.',
      points: 60,
      fail_tag: 'wrong-result',
    },
    {
      criterion_id: 'empty-input',
      title: 'Empty input',
      description: 'An empty list raises an error.',
      points: 25,
      fail_tag: 'edge-cases',
    },
    {
      criterion_id: 'documentation',
      title: 'Documentation',
      description: 'The function says what it takes, returns and raises.',
      points: 15,
      fail_tag: 'undocumented',
    },
  ],
});

/** A record as the backend writes it; `changes` go over its top level. */
export function recordOf(changes: Partial<RunnerRecord> = {}): RunnerRecord {
  return RunnerRecord.parse({
    submission_id: '66f0c0ffee00000000000001',
    attempt: 1,
    language: 'python',
    code: goodCode,
    assignment: {
      assignment_id: '66f0c0ffee00000000000002',
      version: 1,
      title: 'Mean',
      description: 'Write `mean(values)`, which returns the arithmetic mean of a list of numbers.',
      rubric,
    },
    created_at: '2026-01-31T12:00:00.000Z',
    ...changes,
  });
}
