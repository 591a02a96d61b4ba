import { type SubmissionStatus, isFinal } from '@cloudemy/contracts';

/** Who makes transitions; a user's name in the history carries his id as well. */
export type ActorKind = 'user' | 'scheduler' | 'runner' | 'backend' | 'operator';

/**
 * - `progress`: within an attempt
 * - `retry`: the attempt failed where trying again can help; the next one begins by itself
 * - `request`: somebody asks for another attempt
 */
export type Cause = 'progress' | 'retry' | 'request';

export interface Transition {
  readonly to: SubmissionStatus;
  readonly cause: Cause;
  readonly by: readonly ActorKind[];
  readonly when: string;
}

interface StateRule {
  readonly meaning: string;
  /** The variable that says how long it may last; null for final states. */
  readonly deadline: 'QUEUED_DEADLINE_MS' | 'SCHEDULED_DEADLINE_MS' | 'RUNNING_DEADLINE_MS' | null;
  readonly transitions: readonly Transition[];
}

const running: Transition = {
  to: 'running',
  cause: 'progress',
  by: ['scheduler', 'runner'],
  when: 'The runner says that it has begun, or its pod runs.',
};
const endings: readonly Transition[] = [
  { to: 'graded', cause: 'progress', by: ['runner'], when: 'The first valid result of the attempt arrives.' },
  {
    to: 'failed',
    cause: 'progress',
    by: ['runner', 'scheduler', 'backend'],
    when: 'The attempt failed where trying again cannot help, or all automatic attempts are used up.',
  },
  {
    to: 'queued',
    cause: 'retry',
    by: ['runner', 'scheduler', 'backend'],
    when: 'The attempt failed where trying again can help: the next one begins after a pause.',
  },
  { to: 'cancelled', cause: 'progress', by: ['user'], when: 'Its owner or an instructor cancels it.' },
];
const again: readonly Transition[] = [
  {
    to: 'queued',
    cause: 'request',
    by: ['user', 'operator'],
    when: 'Somebody has it graded again, alone or with its assignment, or replays its dead letter.',
  },
];

/**
 * All states, what leads out of each, and how long each may last. Reports can overtake each other (a result
 * arrives before anyone said that the runner had begun), so a state may be skipped; none is ever gone back to
 * within an attempt. docs/states.md shows this table.
 */
export const states: Readonly<Record<SubmissionStatus, StateRule>> = {
  queued: {
    meaning: 'Stored, and on the queue or about to be put there.',
    deadline: 'QUEUED_DEADLINE_MS',
    transitions: [
      {
        to: 'scheduled',
        cause: 'progress',
        by: ['scheduler'],
        when: 'The scheduler claims it to create its Job.',
      },
      running,
      ...endings,
    ],
  },
  scheduled: {
    meaning: 'Claimed; its Job is being created or its pod starts.',
    deadline: 'SCHEDULED_DEADLINE_MS',
    transitions: [running, ...endings],
  },
  running: {
    meaning: 'The runner is at work.',
    deadline: 'RUNNING_DEADLINE_MS',
    transitions: endings,
  },
  graded: { meaning: 'Has a score.', deadline: null, transitions: again },
  failed: { meaning: 'Has a reason instead of a score.', deadline: null, transitions: again },
  cancelled: { meaning: 'Was not wanted any more.', deadline: null, transitions: again },
};

/** Where a submission is. */
export interface State {
  status: SubmissionStatus;
  attempt: number;
}

/**
 * - `apply`: make the transition
 * - `unchanged`: it is there already, or further
 * - `final`: the attempt has ended otherwise
 * - `stale`: a newer attempt has taken over
 * - `unknown`: there is no such attempt
 */
export type Decision = 'apply' | 'unchanged' | 'final' | 'stale' | 'unknown';

/**
 * What a wish to move an attempt to a state comes to. Nobody wishes for a retry: it is what becomes of a
 * failure.
 *
 * @param attempt the attempt the wish is about; for a request the one that has ended
 */
export function decide(current: State, to: SubmissionStatus, attempt: number): Decision {
  if (attempt < current.attempt) return 'stale';
  if (attempt > current.attempt) return 'unknown';
  if (current.status === to) return 'unchanged';
  if (states[current.status].transitions.some((one) => one.to === to && one.cause !== 'retry'))
    return 'apply';
  return isFinal(current.status) ? 'final' : 'unchanged';
}

/** The transition of the table that leads from one entry of a history to the next; undefined if none does. */
export function transitionBetween(from: State, to: State): Transition | undefined {
  const begun = to.attempt - from.attempt;
  return states[from.status].transitions.find(
    (one) => one.to === to.status && begun === (one.cause === 'progress' ? 0 : 1),
  );
}
