import { readEvents } from '@cloudemy/testing';
import { LogEndEvent, LogEvent, LogGapEvent, LogWaitingEvent } from '@cloudemy/contracts';
import type { TestDeployer } from './stack.js';

export interface SentEvent {
  event: string;
  id: string | undefined;
  data: unknown;
}

export interface OpenEvents extends AsyncIterable<SentEvent> {
  /** Hangs up. */
  close(): void;
}

/** Opens Server-Sent Events and reads them one by one. */
export async function openEvents(
  deployer: Pick<TestDeployer, 'fetch'>,
  path: string,
  options: { lastEventId?: string | undefined; body?: unknown } = {},
): Promise<OpenEvents> {
  const abort = new AbortController();
  const { lastEventId, body } = options;
  const answer = await deployer.fetch(path, {
    signal: abort.signal,
    headers: {
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  if (answer.status !== 200 || answer.body === null) {
    throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  }
  return { [Symbol.asyncIterator]: () => sentEvents(answer), close: () => abort.abort() };
}

async function* sentEvents({ body }: Response): AsyncGenerator<SentEvent> {
  for await (const { event = 'message', id, data } of readEvents(body)) {
    yield { event, id, data: JSON.parse(data) };
  }
}

/** Everything a followed log said until its end. */
export interface Followed {
  /** `container: line`, in the order received. */
  lines: string[];
  logs: LogEvent[];
  ids: string[];
  waiting: LogWaitingEvent[];
  gaps: LogGapEvent[];
  end: LogEndEvent | undefined;
}

/** Reads a followed log to its end, or until `enough`. */
export async function readFollowed(
  events: OpenEvents,
  enough: (so: Followed) => boolean = () => false,
): Promise<Followed> {
  const so: Followed = { lines: [], logs: [], ids: [], waiting: [], gaps: [], end: undefined };
  for await (const { event, id, data } of events) {
    if (event === 'waiting') so.waiting.push(LogWaitingEvent.parse(data));
    if (event === 'gap') so.gaps.push(LogGapEvent.parse(data));
    if (event === 'end') so.end = LogEndEvent.parse(data);
    if (event === 'log') {
      const log = LogEvent.parse(data);
      so.logs.push(log);
      so.lines.push(...log.lines.map((line) => `${log.container}: ${line}`));
    }
    if (id !== undefined) so.ids.push(id);
    if (enough(so)) break;
  }
  events.close();
  return so;
}
