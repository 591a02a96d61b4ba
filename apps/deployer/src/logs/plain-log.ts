import { Readable } from 'node:stream';
import {
  type Job,
  type KubeApi,
  LogUnavailableError,
  type Pod,
  listContainers,
  readLog,
} from '@cloudemy/k8s';
import { ProblemError } from '@cloudemy/service';
import type { DeployedJob } from '../jobs/deployed-jobs.js';
import { outcomeOf } from '../jobs/outcome.js';
import { FirstBytes, PrefixedLines } from './byte-transforms.js';
import { containerLife } from './container-state.js';
import { type LogChoice, chooseContainers, choosePods } from './log-choice.js';
import { missingBeginning } from './missing-beginning.js';

export interface PlainLog {
  text: Readable;
  /** What a reader should know of it besides, in a sentence. */
  warning: string | undefined;
}

/** The log of one container. */
interface Source {
  pod: Pod;
  container: string;
}

/**
 * The logs as they are now: the bytes of the containers, one after the other.
 *
 * @param pods all of the Job's, oldest first
 * @returns once the first log is open; ends when all are read
 * @throws ProblemError `log_not_available` when there is none, saying why; `unavailable` when its node does not answer;
 *   `not_found`, `invalid_request`
 */
export async function openPlainLog(
  api: KubeApi,
  { job }: DeployedJob,
  pods: readonly Pod[],
  choice: LogChoice,
  signal: AbortSignal,
): Promise<PlainLog> {
  const chosen = choosePods(pods, choice);
  const sources = chosen.flatMap((pod) =>
    chooseContainers(pod, choice).map(({ name }) => ({ pod, container: name })),
  );
  const isPrefixed = choice.prefix ?? sources.length > 1;
  const opened = openEach(api, sources, choice, signal);
  const first = await opened.next();
  if (first.done === true) throw await notAvailable(api, job, pods, choice, first.value, signal);
  const bytes = readEach(first.value, opened, isPrefixed);
  const text = Readable.from(bytes, { objectMode: false, highWaterMark: 64 * 1_024 });
  return {
    text: choice.limitBytes === undefined ? text : text.compose(new FirstBytes(choice.limitBytes)),
    warning: first.value.warning,
  };
}

/** One log after the other; the next is opened when the one before was read. */
async function* readEach(
  first: Opened,
  others: AsyncGenerator<Opened, unknown>,
  isPrefixed: boolean,
): AsyncGenerator<Buffer> {
  const read = ({ log, source }: Opened) =>
    isPrefixed
      ? log.compose(new PrefixedLines(`[${source.pod.metadata.name ?? ''}/${source.container}] `))
      : log;
  yield* read(first);
  for await (const opened of others) yield* read(opened);
}

interface Opened {
  source: Source;
  log: Readable;
  warning: string | undefined;
}

/** Opens one log after the other, leaving out those that are not there; returns why the last of these was not. */
async function* openEach(
  api: KubeApi,
  sources: readonly Source[],
  choice: LogChoice,
  signal: AbortSignal,
): AsyncGenerator<Opened, LogUnavailableError | undefined> {
  const { namespace, previous, timestamps, tail, sinceSeconds, sinceTime } = choice;
  let missing: LogUnavailableError | undefined;
  for (const source of sources) {
    const { pod, container } = source;
    const where = { namespace, pod: pod.metadata.name ?? '', container };
    const range = { previous, timestamps, tailLines: tail, sinceSeconds, sinceTime };
    try {
      const { text, first } = await readLog(api, { ...where, ...range }, signal);
      const isWhole = [tail, sinceSeconds, sinceTime].every((option) => option === undefined) && !previous;
      const silence =
        isWhole && first !== undefined
          ? missingBeginning(first, containerLife(pod, container).startedAt)
          : undefined;
      yield {
        source,
        log: text,
        warning: silence === undefined ? undefined : beginningGone(source, silence),
      };
    } catch (error) {
      if (!(error instanceof LogUnavailableError)) throw error;
      missing = error;
    }
  }
  return missing;
}

const beginningGone = ({ pod, container }: Source, seconds: number): string =>
  `the log of ${pod.metadata.name ?? ''}/${container} begins ${Math.round(seconds)} s after its container, in full ` +
  'flow: its node keeps the newest file of a log alone, what was before is gone';

/** Why there is no log at all, and what to do. */
async function notAvailable(
  api: KubeApi,
  job: Job,
  pods: readonly Pod[],
  choice: LogChoice,
  missing: LogUnavailableError | undefined,
  signal: AbortSignal,
): Promise<ProblemError> {
  if (missing?.code === 'node_unavailable' || missing?.code === 'pod_unknown') {
    return new ProblemError('unavailable', {
      detail: `The node that runs the pod does not give its log at the moment. Try again shortly.`,
      retryAfter: 2,
      cause: missing,
    });
  }
  const outcome = await outcomeOf(api, job, pods, signal);
  const none = `The Job ${choice.jobName} has no such log`;
  const detail =
    missing?.code === 'no_previous'
      ? `${none}: its container was not restarted.`
      : outcome.finished || missing?.code === 'log_lost'
        ? `${none}, and none will come: ${outcome.message}.${missing?.code === 'log_lost' ? ' Its node has no log of the container any more.' : ''}${hintAt(pods, choice)}`
        : `${none}: ${outcome.message}. With follow=true it is waited for.`;
  return new ProblemError('log_not_available', { detail, retryAfter: 2 });
}

/** A Job that failed before its main containers began says why in the log of another. */
function hintAt(pods: readonly Pod[], choice: LogChoice): string {
  if (choice.allContainers) return '';
  for (const pod of pods) {
    const asked = chooseContainers(pod, choice).map(({ name }) => name);
    const other = listContainers(pod).find(
      ({ name }) => !asked.includes(name) && containerLife(pod, name).hasStarted,
    );
    if (other === undefined) continue;
    return ` Its ${other.type} container ${other.name} has run: ask for all_containers=true, or container=${other.name}.`;
  }
  return '';
}
