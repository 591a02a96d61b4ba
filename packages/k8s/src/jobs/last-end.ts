import type { ContainerStatus, Job, Pod, TerminatedState } from '../objects/types.js';
import { describeExit } from './exit-code.js';
import type { JobReason, Problem } from './outcome.js';

/**
 * On a Job, how its containers ended last. Where containers are restarted in place (`restartPolicy: OnFailure`) the
 * cluster deletes the pod with the Job's end, and keeps nothing of why.
 */
export const lastEndAnnotation = 'cloudemy.io/last-end';

/** Reasons that the end of a container can have. */
const endReasons: readonly JobReason[] = [
  'out_of_memory',
  'exit_code',
  'killed_by_signal',
  'start_error',
  'runtime_error',
];

/** Characters that are kept of a message: the last words of a container can be long. */
const maxMessage = 1_000;

/** What the annotation holds, for the container that failed last in a pod; undefined when none has. */
export function lastEndOf({ status }: Pod): string | undefined {
  const ends = [
    ...(status?.initContainerStatuses ?? []).flatMap((one) => endOf('init container', one)),
    ...(status?.containerStatuses ?? []).flatMap((one) => endOf('container', one)),
  ];
  const last = ends.toSorted((a, b) => b.at.localeCompare(a.at))[0];
  if (last === undefined) return undefined;
  const { reason, message } = last.problem;
  return JSON.stringify({ reason, message: message.slice(0, maxMessage) });
}

function endOf(
  kind: string,
  { name, state, lastState }: ContainerStatus,
): { at: string; problem: Problem }[] {
  const failed = (end: TerminatedState | undefined) => (end === undefined || end.exitCode === 0 ? [] : [end]);
  return [...failed(state?.terminated), ...failed(lastState?.terminated)].map((end) => ({
    at: end.finishedAt ?? '',
    problem: describeExit(`${kind} ${name}`, end),
  }));
}

/** What was kept on a Job; undefined when nothing was, or what is there is not ours. */
export function keptEnd({ metadata }: Job): Problem | undefined {
  const text = metadata.annotations?.[lastEndAnnotation];
  if (text === undefined) return undefined;
  try {
    const kept: unknown = JSON.parse(text);
    if (typeof kept !== 'object' || kept === null || !('reason' in kept) || !('message' in kept))
      return undefined;
    const reason = endReasons.find((one) => one === kept.reason);
    if (reason === undefined || typeof kept.message !== 'string') return undefined;
    return { reason, message: kept.message, canHeal: false };
  } catch {
    return undefined;
  }
}
