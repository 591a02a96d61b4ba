'use client';

import dynamic from 'next/dynamic';
import { type ReactNode, createContext, use, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslations } from 'next-intl';
import { callBench } from '../data/browser.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { type OpenTerminal, remember, remembered } from './open-terminals.ts';
import './terminals.css';

const TerminalPanel = dynamic(() => import('./terminal-panel.tsx').then((part) => part.TerminalPanel), {
  ssr: false,
});

interface Dock {
  open(terminal: OpenTerminal): void;
}

const DockContext = createContext<Dock | undefined>(undefined);

/** The dock of this part of the pages. */
export function useDock(): Dock {
  const dock = use(DockContext);
  if (dock === undefined) throw new Error('there is no dock around this part of the page');
  return dock;
}

/** Terminals at the bottom of every page within: they stay while one goes from page to page. */
export function DockProvider({ children }: { children: ReactNode }) {
  const [terminals, setTerminals] = useState<OpenTerminal[]>([]);
  const [shown, setShown] = useState<readonly string[]>([]);
  useEffect(() => {
    const known = remembered();
    setTerminals(known);
    setShown(known.slice(-1).map(({ session_id }) => session_id));
  }, []);
  const change = useCallback((next: (before: OpenTerminal[]) => OpenTerminal[]) => {
    setTerminals((before) => {
      const after = next(before);
      remember(after);
      return after;
    });
  }, []);
  const open = useCallback(
    (terminal: OpenTerminal) => {
      change((before) => [...before.filter((one) => one.session_id !== terminal.session_id), terminal]);
      setShown([terminal.session_id]);
    },
    [change],
  );
  const close = useCallback(
    async (session_id: string) => {
      await callBench('endTerminal', { params: { session_id } }).catch(() => undefined);
      change((before) => before.filter((one) => one.session_id !== session_id));
      setShown((before) => before.filter((one) => one !== session_id));
    },
    [change],
  );
  const dock = useMemo(() => ({ open }), [open]);
  return (
    <DockContext value={dock}>
      {children}
      {terminals.length > 0 && (
        <Terminals terminals={terminals} shown={shown} onShown={setShown} onClose={(id) => void close(id)} />
      )}
    </DockContext>
  );
}

interface TerminalsProps {
  terminals: readonly OpenTerminal[];
  shown: readonly string[];
  onShown: (shown: readonly string[]) => void;
  onClose: (id: string) => void;
}

const sizes = ['small', 'large', 'whole'] as const;
type Size = (typeof sizes)[number];

function Terminals({ terminals, shown, onShown, onClose }: TerminalsProps) {
  const t = useTranslations('terminal');
  const [size, setSize] = useState<Size>('small');
  const [look, setLook] = useState({ fontSize: 14, screenReader: false });
  const tabs = useRef<HTMLDivElement>(null);
  const first = terminals.at(-1)?.session_id ?? '';
  const visible = shown.filter((id) => terminals.some(({ session_id }) => session_id === id));
  const current = visible.length === 0 ? [first] : visible;
  const leave = (): void => tabs.current?.querySelector<HTMLElement>('[aria-selected="true"]')?.focus();
  const nameOf = ({ job_name, pod_name, container_name }: OpenTerminal): string =>
    `${job_name} · ${pod_name.replace(`${job_name}-`, '')} · ${container_name}`;

  const move = (step: number, from: string): void => {
    const index = terminals.findIndex(({ session_id }) => session_id === from);
    const next = terminals[(index + step + terminals.length) % terminals.length];
    if (next === undefined) return;
    document.getElementById(`tab-${next.session_id}`)?.focus();
  };

  return (
    <section className={`dock ${size}`} aria-label={t('dock')}>
      <div className="dock-bar">
        <div ref={tabs} className="tabs" role="tablist" aria-label={t('tabs')}>
          {terminals.map((terminal) => (
            <button
              key={terminal.session_id}
              type="button"
              role="tab"
              id={`tab-${terminal.session_id}`}
              aria-controls={`panel-${terminal.session_id}`}
              aria-selected={current.includes(terminal.session_id)}
              tabIndex={terminal.session_id === current[0] ? 0 : -1}
              onClick={() => onShown([terminal.session_id])}
              onKeyDown={({ key }) => {
                if (key === 'ArrowRight') move(1, terminal.session_id);
                if (key === 'ArrowLeft') move(-1, terminal.session_id);
              }}
            >
              {nameOf(terminal)}
            </button>
          ))}
        </div>
        <DockTools
          terminals={terminals}
          current={current}
          look={look}
          onLook={setLook}
          size={size}
          onSize={setSize}
          onShown={onShown}
          onClose={onClose}
        />
      </div>
      <div className="dock-panels">
        {terminals.map((terminal) => (
          <TerminalPanel
            key={terminal.session_id}
            session={terminal}
            shown={current.includes(terminal.session_id)}
            look={look}
            leave={leave}
          />
        ))}
      </div>
      <p className="hint dock-keys">{t('keys')}</p>
    </section>
  );
}

interface DockToolsProps {
  terminals: readonly OpenTerminal[];
  current: readonly string[];
  look: { fontSize: number; screenReader: boolean };
  onLook: (look: { fontSize: number; screenReader: boolean }) => void;
  size: Size;
  onSize: (size: Size) => void;
  onShown: (shown: readonly string[]) => void;
  onClose: (id: string) => void;
}

function DockTools({ terminals, current, look, onLook, size, onSize, onShown, onClose }: DockToolsProps) {
  const t = useTranslations('terminal');
  return (
    <div className="row">
      <label className="row hint">
        <input
          type="checkbox"
          checked={look.screenReader}
          onChange={({ target }) => onLook({ ...look, screenReader: target.checked })}
        />
        {t('screenReader')}
      </label>
      <button
        type="button"
        className="button small"
        onClick={() => onLook({ ...look, fontSize: Math.max(8, look.fontSize - 1) })}
      >
        A−
      </button>
      <button
        type="button"
        className="button small"
        onClick={() => onLook({ ...look, fontSize: Math.min(32, look.fontSize + 1) })}
      >
        A+
      </button>
      {terminals.length > 1 && (
        <button
          type="button"
          className="button small"
          aria-pressed={current.length > 1}
          onClick={() => onShown(current.length > 1 ? current.slice(0, 1) : twoOf(terminals, current))}
        >
          {t('split')}
        </button>
      )}
      <label>
        <span className="visually-hidden">{t('size')}</span>
        <select
          value={size}
          onChange={({ target }) => onSize(sizes.find((one) => one === target.value) ?? 'small')}
        >
          {sizes.map((one) => (
            <option key={one} value={one}>
              {t(one)}
            </option>
          ))}
        </select>
      </label>
      {current.slice(0, 1).map((id) => (
        <ConfirmButton
          key={id}
          label={t('end')}
          question={t('endQuestion')}
          className="button small danger"
          onConfirm={() => onClose(id)}
        />
      ))}
    </div>
  );
}

/** The one that is shown, and the newest other. */
function twoOf(terminals: readonly OpenTerminal[], current: readonly string[]): string[] {
  const other = terminals.findLast(({ session_id }) => !current.includes(session_id));
  return [...current, ...(other === undefined ? [] : [other.session_id])];
}
