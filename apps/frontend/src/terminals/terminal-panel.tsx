'use client';

import '@xterm/xterm/css/xterm.css';
import { useEffect, useRef, useState } from 'react';
import { useTranslations } from 'next-intl';
import { callBench } from '../data/browser.ts';
import { TroubleError } from '../data/problem.ts';
import { type ConnectionState, TerminalConnection } from './connection.ts';
import type { OpenTerminal } from './open-terminals.ts';
import { type ScreenLook, TerminalScreen } from './screen.ts';

/** Where this page reaches a terminal, whatever name the service has for itself. */
export function ownUrl(websocketUrl: string): string {
  const { pathname, search } = new URL(websocketUrl);
  const scheme = window.location.protocol === 'https:' ? 'wss:' : 'ws:';
  return `${scheme}//${window.location.host}/bench${pathname.replace(/^\/bench(?=\/)/, '')}${search}`;
}

interface Given {
  session: OpenTerminal;
  shown: boolean;
  look: ScreenLook;
  leave: () => void;
}

/** One session on a screen, with what is known of its connection. */
export function TerminalPanel({ session, shown, look, leave }: Given) {
  const t = useTranslations('terminal');
  const element = useRef<HTMLDivElement>(null);
  const screen = useRef<TerminalScreen>(null);
  const connection = useRef<TerminalConnection>(null);
  const [state, setState] = useState<ConnectionState>({ kind: 'connecting' });
  const [said, setSaid] = useState('');
  const first = useRef(session.websocket_url);
  const leaving = useRef(leave);
  leaving.current = leave;
  const firstLook = useRef(look);

  useEffect(() => {
    if (element.current === null) return undefined;
    const made = new TerminalScreen(element.current, firstLook.current, () => leaving.current());
    const nextUrl = async (): Promise<string> => {
      const known = first.current;
      first.current = undefined;
      if (known !== undefined) return ownUrl(known);
      const { session_id } = session;
      return ownUrl((await callBench('createTerminalTicket', { params: { session_id } })).websocket_url);
    };
    const isFinal = (error: unknown): boolean =>
      error instanceof TroubleError &&
      error.trouble.status >= 400 &&
      error.trouble.status < 500 &&
      error.trouble.status !== 429;
    const joined = new TerminalConnection(nextUrl, isFinal, {
      ready: (replayBytes) => made.begin(replayBytes),
      output: (bytes, done) => made.write(bytes, done),
      said: setSaid,
      state: (next) => {
        setState(next);
        made.isOver = next.kind === 'over';
        if (next.kind === 'open') setSaid('');
      },
    });
    made.connect(joined);
    screen.current = made;
    connection.current = joined;
    return () => {
      joined.close();
      made.dispose();
    };
  }, [session]);

  useEffect(() => {
    if (screen.current !== null) screen.current.look = look;
  }, [look]);
  useEffect(() => {
    if (!shown) return;
    screen.current?.fit();
    screen.current?.focus();
  }, [shown]);

  return (
    <div
      className="terminal-panel"
      role="tabpanel"
      id={`panel-${session.session_id}`}
      aria-labelledby={`tab-${session.session_id}`}
      hidden={!shown}
    >
      <Connection state={state} said={said} reconnect={() => connection.current?.reconnect()} />
      <div ref={element} className="terminal-screen" />
      <div className="soft-keys row" role="group" aria-label={t('softKeys')}>
        {softKeys.map(([label, text]) => (
          <button
            key={label}
            type="button"
            className="button small"
            onClick={() => screen.current?.type(text)}
          >
            {label}
          </button>
        ))}
      </div>
    </div>
  );
}

/** Keys that the keyboards of touch screens lack. */
const softKeys = [
  ['Esc', '\u001B'],
  ['Tab', '\t'],
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
  ['↑', '\u001B[A'],
  ['↓', '\u001B[B'],
  ['←', '\u001B[D'],
  ['→', '\u001B[C'],
] as const;

function Connection({
  state,
  said,
  reconnect,
}: {
  state: ConnectionState;
  said: string;
  reconnect: () => void;
}) {
  const t = useTranslations('terminal');
  const now = useSeconds(state.kind === 'lost');
  const again = (
    <button type="button" className="button small" onClick={reconnect}>
      {t('reconnect')}
    </button>
  );
  const seconds = (until: number): number => Math.max(0, Math.ceil((until - now) / 1_000));
  return (
    <div className="terminal-note" role="status">
      {state.kind === 'connecting' && t('connecting')}
      {state.kind === 'lost' && (
        <>
          {t('lost', { next: seconds(state.nextAt), kept: seconds(state.until) })} {again}
        </>
      )}
      {state.kind === 'paused' && (
        <>
          {state.message === '' ? t('givenUp') : state.message} {again}
        </>
      )}
      {state.kind === 'over' && (state.message === '' ? t('over') : state.message)}
      {said !== '' && ` ${said}`}
    </div>
  );
}

/** The time, by the second while it matters. */
function useSeconds(running: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return undefined;
    setNow(Date.now());
    const timer = window.setInterval(() => setNow(Date.now()), 1_000);
    return () => window.clearInterval(timer);
  }, [running]);
  return now;
}
