import { useEffect, useState, useSyncExternalStore } from 'react';
import type { LogEndEvent, LogEvent, LogGapEvent, LogWaitingEvent } from '@cloudemy/contracts';
import { type Trouble, asTrouble, troubleOf } from '../data/problem.ts';
import { LogStore } from './log-store.ts';

export interface LogChoice {
  namespace: string;
  job: string;
  /** Lines from the end, per container. */
  tail: number;
  /** The run before, of a container that was restarted. */
  previous: boolean;
  /** Only of the last so many seconds; all when 0. */
  since: number;
}

export type LogState =
  | { kind: 'connecting' }
  | { kind: 'following' }
  | { kind: 'waiting'; message: string }
  | { kind: 'ended'; message: string }
  | { kind: 'refused'; trouble: Trouble };

/** Where the log is read, with the options of a choice. */
export function logUrl(choice: LogChoice, more: Record<string, string>): string {
  const query = new URLSearchParams({ namespace: choice.namespace, ...more });
  if (choice.since > 0) query.set('since_seconds', String(choice.since));
  return `/bench/jobs/${encodeURIComponent(choice.job)}/logs?${query}`;
}

/** Follows a log, or reads the one of the run before. */
export function useLog(choice: LogChoice): { store: LogStore; state: LogState; version: number } {
  const [store] = useState(() => new LogStore());
  const [state, setState] = useState<LogState>({ kind: 'connecting' });
  const version = useSyncExternalStore(
    (listener) => onceAFrame(store, listener),
    () => store.version,
    () => 0,
  );
  const { namespace, job, tail, previous, since } = choice;
  useEffect(() => {
    store.clear();
    setState({ kind: 'connecting' });
    const wanted = { namespace, job, tail, previous, since };
    return previous ? readPrevious(wanted, store, setState) : follow(wanted, store, setState);
  }, [store, namespace, job, tail, previous, since]);
  return { store, state, version };
}

function onceAFrame(store: LogStore, listener: () => void): () => void {
  let frame = 0;
  const stop = store.subscribe(() => {
    if (frame !== 0) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      listener();
    });
  });
  return () => {
    cancelAnimationFrame(frame);
    stop();
  };
}

type Tell = (state: LogState) => void;

function follow(choice: LogChoice, store: LogStore, tell: Tell): () => void {
  const url = logUrl(choice, { follow: 'true', timestamps: 'true', tail: String(choice.tail) });
  // With the cookie of the page; continues after the last event by itself when the connection breaks.
  const events = new EventSource(url);
  events.addEventListener('open', () => tell({ kind: 'following' }));
  events.addEventListener('log', ({ data }) => {
    const event: LogEvent = JSON.parse(data);
    store.take(event);
    tell({ kind: 'following' });
  });
  events.addEventListener('gap', ({ data }) => {
    const event: LogGapEvent = JSON.parse(data);
    store.takeGap(event);
  });
  events.addEventListener('waiting', ({ data }) => {
    const { message }: LogWaitingEvent = JSON.parse(data);
    tell({ kind: 'waiting', message });
  });
  events.addEventListener('end', ({ data }) => {
    const { message }: LogEndEvent = JSON.parse(data);
    events.close();
    tell({ kind: 'ended', message });
  });
  events.addEventListener('error', () => {
    if (events.readyState === EventSource.CLOSED) void explain(choice, tell);
    else tell({ kind: 'connecting' });
  });
  return () => events.close();
}

/** An event stream that is refused says nothing to a page: the same without following does. */
async function explain(choice: LogChoice, tell: Tell): Promise<void> {
  try {
    const answer = await fetch(logUrl(choice, { tail: '0' }));
    const text = await answer.text();
    if (answer.ok) tell({ kind: 'ended', message: '' });
    else tell({ kind: 'refused', trouble: troubleOf(answer.status, JSON.parse(text)) });
  } catch (error) {
    tell({ kind: 'refused', trouble: asTrouble(error) });
  }
}

function readPrevious(choice: LogChoice, store: LogStore, tell: Tell): () => void {
  const leaving = new AbortController();
  const read = async (): Promise<void> => {
    const url = logUrl(choice, { previous: 'true', timestamps: 'true', tail: String(choice.tail) });
    const answer = await fetch(url, { signal: leaving.signal });
    const text = await answer.text();
    if (!answer.ok) {
      tell({ kind: 'refused', trouble: troubleOf(answer.status, JSON.parse(text)) });
      return;
    }
    store.takeText(text, choice.job);
    tell({ kind: 'ended', message: '' });
  };
  read().catch((error: unknown) => {
    if (!leaving.signal.aborted) tell({ kind: 'refused', trouble: asTrouble(error) });
  });
  return () => leaving.abort();
}
