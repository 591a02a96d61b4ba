'use client';

import { useVirtualizer } from '@tanstack/react-virtual';
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslations } from 'next-intl';
import { TroubleNotice } from '../parts/trouble.tsx';
import { spansOf } from './ansi.ts';
import { type LogRow, filtered, found } from './log-store.ts';
import { type LogLook, LogTools } from './log-tools.tsx';
import { type LogChoice, type LogState, useLog } from './use-log.ts';

/** Pixels from its end within which the view follows the log. */
const atEnd = 40;
const rowHeight = 20;
const firstTail = 5_000;
const mostTail = 1_000_000;

/** The log of a Job: every line of every pod, live. */
export function LogView({ namespace, job }: { namespace: string; job: string }) {
  const t = useTranslations('log');
  const [choice, setChoice] = useState<LogChoice>({
    namespace,
    job,
    tail: firstTail,
    previous: false,
    since: 0,
  });
  const [look, setLook] = useState<LogLook>({ wrap: false, timestamps: false });
  const [only, setOnly] = useState('');
  const [search, setSearch] = useState('');
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [at, setAt] = useState(0);
  const { store, state, version } = useLog(choice);
  const wantedOnly = useDeferredValue(only);
  const wantedSearch = useDeferredValue(search);
  const rows = useMemo(
    () => ({ list: filtered(store.rows, { only: wantedOnly, hidden }), version }),
    [store, version, wantedOnly, hidden],
  ).list;
  const hits = useMemo(() => (version === 0 ? [] : found(rows, wantedSearch)), [rows, wantedSearch, version]);
  const scroll = useScroll(rows, version, look.wrap);
  const isMore =
    store.rows.length >= choice.tail * Math.max(1, store.sources.length) && choice.tail < mostTail;

  const goTo = (index: number): void => {
    const row = hits[index];
    if (row === undefined) return;
    setAt(index);
    scroll.show(row);
  };

  return (
    <section className="log" aria-label={t('of', { job })}>
      <LogTools
        choice={choice}
        onChoice={setChoice}
        look={look}
        onLook={setLook}
        only={only}
        onOnly={setOnly}
        search={search}
        onSearch={(text) => {
          setSearch(text);
          setAt(0);
        }}
        hits={hits.length}
        at={hits.length === 0 ? 0 : at + 1}
        onStep={(step) => goTo((at + step + hits.length) % Math.max(1, hits.length))}
        sources={store.sources}
        colourOf={(source) => store.colourOf(source)}
        hidden={hidden}
        onHidden={setHidden}
      />
      {state.kind === 'refused' && <TroubleNotice trouble={state.trouble} title={t('refused')} />}
      {isMore && (
        <button
          type="button"
          className="button small"
          onClick={() => setChoice({ ...choice, tail: Math.min(mostTail, choice.tail * 10) })}
        >
          {t('older')}
        </button>
      )}
      {store.dropped > 0 && <p className="hint">{t('dropped', { count: store.dropped })}</p>}
      <Rows
        scroll={scroll}
        rows={rows}
        look={look}
        hit={hits[at]}
        several={store.sources.length > 1}
        colourOf={(source) => store.colourOf(source)}
      />
      <div className="row log-foot">
        <p role="status" className="hint">
          <StateWords state={state} /> {t('lines', { count: rows.length })}
        </p>
        {!scroll.following && (
          <button type="button" className="button small" onClick={scroll.follow}>
            {scroll.unseen > 0 ? t('newLines', { count: scroll.unseen }) : t('toEnd')}
          </button>
        )}
      </div>
    </section>
  );
}

function StateWords({ state }: { state: LogState }) {
  const t = useTranslations('log');
  if (state.kind === 'waiting') return t('waiting', { message: state.message });
  if (state.kind === 'ended') return t('ended', { message: state.message });
  return state.kind === 'refused' ? '' : t(state.kind);
}

type Scroll = ReturnType<typeof useScroll>;

/** Follows the end until the reader scrolls up, and says what came since. */
function useScroll(rows: readonly LogRow[], version: number, wrap: boolean) {
  const box = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const [seen, setSeen] = useState(0);
  // The list is the library's own to keep; what it returns must not be memoised.
  // oxlint-disable-next-line react-hooks/incompatible-library
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 20,
  });
  useEffect(() => {
    list.measure();
  }, [list, wrap]);
  useEffect(() => {
    if (!following || rows.length === 0) return;
    const element = box.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
    setSeen(rows.length);
  }, [following, rows.length, version]);
  return {
    box,
    list,
    following,
    unseen: Math.max(0, rows.length - seen),
    onScroll: () => {
      const { current } = box;
      if (current === null) return;
      const isAtEnd = current.scrollHeight - current.scrollTop - current.clientHeight < atEnd;
      if (isAtEnd !== following) setFollowing(isAtEnd);
    },
    follow: () => setFollowing(true),
    show: (index: number) => {
      setFollowing(false);
      list.scrollToIndex(index, { align: 'center' });
    },
  };
}

interface RowsProps {
  scroll: Scroll;
  rows: readonly LogRow[];
  look: LogLook;
  hit: number | undefined;
  several: boolean;
  colourOf: (source: string) => number;
}

function Rows({ scroll, rows, look, hit, several, colourOf }: RowsProps) {
  const t = useTranslations('log');
  const { list } = scroll;
  const linked = useLinkedRow(rows, scroll.show);
  return (
    // A region that scrolls has to be reached by keyboard.
    <div
      ref={scroll.box}
      className={look.wrap ? 'log-lines wrap' : 'log-lines'}
      role="log"
      aria-live="off"
      aria-label={t('lineList')}
      tabIndex={0}
      onScroll={scroll.onScroll}
    >
      <div style={{ height: list.getTotalSize() }}>
        {list.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (row === undefined) return null;
          const marked = item.index === hit ? ' hit' : item.index === linked ? ' linked' : '';
          return (
            <div
              key={item.key}
              ref={look.wrap ? list.measureElement : undefined}
              data-index={item.index}
              className={`log-row${row.gap ? ' gap' : ''}${marked}`}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <a
                className="log-number"
                href={`#${encodeURIComponent(row.at)}`}
                title={t('link')}
                tabIndex={-1}
              >
                {item.index + 1}
              </a>
              {look.timestamps && <span className="log-time">{row.at.slice(11, 23)}</span>}
              {several && <span className={`log-source source-${colourOf(row.source)}`}>{row.source}</span>}
              <span className="log-text">
                {row.gap
                  ? `— ${row.text} —`
                  : spansOf(row.text).map((span, index) => (
                      // Spans of a line never change places.
                      // oxlint-disable-next-line react/no-array-index-key
                      <span key={index} className={span.look}>
                        {span.text}
                      </span>
                    ))}
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** The row that the address of the page names by the moment it was written, shown once it is there. */
function useLinkedRow(rows: readonly LogRow[], show: (index: number) => void): number | undefined {
  const [wanted, setWanted] = useState('');
  const shown = useRef('');
  useEffect(() => {
    const read = (): void => setWanted(decodeURIComponent(window.location.hash.slice(1)));
    read();
    window.addEventListener('hashchange', read);
    return () => window.removeEventListener('hashchange', read);
  }, []);
  const index = useMemo(
    () => (wanted === '' ? -1 : rows.findIndex(({ at }) => at === wanted)),
    [rows, wanted],
  );
  useEffect(() => {
    if (index === -1 || shown.current === wanted) return;
    shown.current = wanted;
    show(index);
  }, [index, wanted, show]);
  return index === -1 ? undefined : index;
}
