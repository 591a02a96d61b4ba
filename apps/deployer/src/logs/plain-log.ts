import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type KubeApi, LogUnavailableError, type Pod, openLog } from '@cloudemy/k8s';
import { ProblemError } from '@cloudemy/service';
import type { DeployedJob } from '../jobs/deployed-jobs.js';
import { outcomeOf } from '../jobs/outcome.js';
import { FirstBytes, PrefixedLines } from './byte-transforms.js';
import { type LogChoice, chooseContainers, choosePods } from './log-choice.js';

/** The log of one container. */
interface Source {
  pod: string;
  container: string;
}

/**
 * The logs as they are now: the bytes of the containers, one after the other.
 *
 * @param pods all of the Job's, oldest first
 * @returns once the first log is open; ends when all are read
 * @throws ProblemError `log_not_available` when there is none, saying why; `not_found`, `invalid_request`
 */
export async function openPlainLog(
  api: KubeApi,
  { job }: DeployedJob,
  pods: readonly Pod[],
  choice: LogChoice,
  signal: AbortSignal,
): Promise<Readable> {
  const chosen = choosePods(pods, choice);
  const sources = chosen.flatMap((pod) =>
    chooseContainers(pod, choice).map(({ name }) => ({ pod: pod.metadata.name ?? '', container: name })),
  );
  const isPrefixed = choice.prefix ?? sources.length > 1;
  const opened = openEach(api, sources, choice, signal);
  const first = await opened.next();
  if (first.done === true) {
    const why =
      first.value?.code === 'no_previous'
        ? 'its container was not restarted'
        : (await outcomeOf(api, job, pods, signal)).message;
    throw new ProblemError('log_not_available', {
      detail: `The Job ${choice.jobName} has no such log: ${why}. With follow=true it is waited for.`,
      retryAfter: 2,
    });
  }
  const bytes = readEach(first.value, opened, isPrefixed);
  const text = Readable.from(bytes, { objectMode: false, highWaterMark: 64 * 1_024 });
  return choice.limitBytes === undefined ? text : text.compose(new FirstBytes(choice.limitBytes));
}

/** One log after the other; the next is opened when the one before was read. */
async function* readEach(
  first: Opened,
  others: AsyncGenerator<Opened, unknown>,
  isPrefixed: boolean,
): AsyncGenerator<Buffer> {
  const read = ({ log, source }: Opened) =>
    isPrefixed ? log.compose(new PrefixedLines(`[${source.pod}/${source.container}] `)) : log;
  yield* read(first);
  for await (const opened of others) yield* read(opened);
}

interface Opened {
  source: Source;
  log: Readable;
}

/** Opens one log after the other, leaving out those that are not there; returns why the last of these was not. */
async function* openEach(
  api: KubeApi,
  sources: readonly Source[],
  choice: LogChoice,
  signal: AbortSignal,
): AsyncGenerator<Opened, LogUnavailableError | undefined> {
  let missing: LogUnavailableError | undefined;
  for (const source of sources) {
    try {
      const log = await openLog(
        api,
        {
          ...source,
          namespace: choice.namespace,
          previous: choice.previous,
          timestamps: choice.timestamps,
          tailLines: choice.tail,
          sinceSeconds: choice.sinceSeconds,
          sinceTime: choice.sinceTime,
          limitBytes: choice.limitBytes,
        },
        signal,
      );
      yield { source, log };
    } catch (error) {
      if (!(error instanceof LogUnavailableError)) throw error;
      missing = error;
    }
  }
  return missing;
}

/** Sends a log, as fast as its reader takes it. */
export async function sendLog(log: Readable, to: NodeJS.WritableStream, signal: AbortSignal): Promise<void> {
  try {
    await pipeline(log, to, { signal });
  } catch (error) {
    // The reader has left: nobody is there to be told.
    if (!signal.aborted) throw error;
  }
}
