import { Readable } from 'node:stream';
import { KubeApiError } from '../cluster/errors.js';
import type { KubeApi } from '../cluster/kube-api.js';
import { PODS, resourcePath } from '../cluster/resource-path.js';
import { assertDnsLabel } from '../objects/names.js';
import { LogUnavailableError, toLogError } from './log-error.js';
import { type FirstLines, ProgramOutput } from './program-output.js';

export interface LogOptions {
  namespace: string;
  pod: string;
  /** Needed when the pod has several. */
  container?: string | undefined;
  /** Go on as lines are written, until the container ends. A restart is not followed. */
  follow?: boolean | undefined;
  /** Only the last so many lines. The server counts pieces of 16 KiB of longer lines. */
  tailLines?: number | undefined;
  /** Only lines since so many seconds ago; at least 1, and not together with `sinceTime`. */
  sinceSeconds?: number | undefined;
  /** Only lines since this instant (RFC 3339), itself included. */
  sinceTime?: string | undefined;
  /** The run before the container's last restart. */
  previous?: boolean | undefined;
  /** Each line begins with its time (RFC 3339, nanoseconds) and a space. */
  timestamps?: boolean | undefined;
}

/**
 * A container's log as a stream of bytes: what its program wrote and nothing else. It ends when the log does; it
 * fails when the connection breaks, and when the kubelet stops with words of its own, in either case after the last
 * byte that came. A reader that pauses slows the server down; destroying the stream, or aborting the signal, hangs up.
 * Lines of a followed log that come within some milliseconds come together.
 * @throws {LogUnavailableError} when there is no log, not yet or not any more, or the container must be named
 * @throws {KubeApiError | KubeConnectionError | InvalidNameError}
 */
export async function openLog(api: KubeApi, options: LogOptions, signal?: AbortSignal): Promise<Readable> {
  if (options.follow !== true) return (await readLog(api, options, signal)).text;
  const body = await openBody(api, options, signal);
  const output = new ProgramOutput(body, { keepTimes: options.timestamps === true, isFollowed: true });
  return toStream(output[Symbol.asyncIterator](), body);
}

/**
 * The same of a log as it is now, with what its first lines tell of it. Followed, they may take for ever.
 * @throws as `openLog` does
 */
export async function readLog(
  api: KubeApi,
  options: Omit<LogOptions, 'follow'>,
  signal?: AbortSignal,
): Promise<{ text: Readable; first: FirstLines | undefined }> {
  const body = await openBody(api, options, signal);
  const output = new ProgramOutput(body, { keepTimes: options.timestamps === true, isFollowed: false });
  const parts = output[Symbol.asyncIterator]();
  const beginning = await parts.next();
  const all = async function* (): AsyncGenerator<Buffer> {
    if (beginning.done === true) return;
    yield beginning.value;
    yield* parts;
  };
  return { text: toStream(all(), body), first: output.first };
}

function toStream(output: AsyncGenerator<Buffer>, body: Readable): Readable {
  return new Readable({
    // In object mode with room for one an error waits until what came before it was taken.
    objectMode: true,
    highWaterMark: 1,
    read() {
      output.next().then(
        ({ done, value }) => this.push(done === true ? null : value),
        (error: unknown) => this.destroy(error instanceof Error ? error : new Error(String(error))),
      );
    },
    destroy(error, done) {
      // Also while the next bytes are waited for, which may never come.
      body.destroy();
      done(error);
    },
  });
}

async function openBody(
  api: KubeApi,
  { namespace, pod, container, ...rest }: LogOptions,
  signal: AbortSignal | undefined,
): Promise<Readable> {
  if (container !== undefined) assertDnsLabel('container', container);
  const path = resourcePath(PODS, { namespace, name: pod, subresource: 'log' });
  const query = { container, ...rest, timestamps: true };
  try {
    const { status, body } = await api.stream(path, { query, signal });
    if (status !== 204) return body;
    body.destroy();
    throw new LogUnavailableError('not_scheduled', 'the pod waits for a node: there is no log yet');
  } catch (error) {
    throw error instanceof KubeApiError ? toLogError(error) : error;
  }
}
