'use client';

import { useVirtualizer } from '@tanstack/react-virtual';
import Link from 'next/link';
import { memo, useDeferredValue, useMemo, useRef, useState } from 'react';
import { useFormatter, useLocale, useTranslations } from 'next-intl';
import { type BookColumn, type BookRow, type Sorting, csvOf, isShown, sorted, spread } from './book.ts';
import './grade-book.css';

/** Pixels of a row. All are of one height, so that none has to be measured. */
const rowHeight = 40;

interface Given {
  columns: readonly BookColumn[];
  rows: readonly BookRow[];
}

/** Students by assignments. What is out of sight is not in the page. */
export function GradeBook({ columns, rows }: Given) {
  const t = useTranslations('book');
  const locale = useLocale();
  const [search, setSearch] = useState('');
  const [only, setOnly] = useState('');
  const [sorting, setSorting] = useState<Sorting>({ by: 'name', down: false });
  const wanted = useDeferredValue(search);
  const shown = useMemo(
    () =>
      sorted(
        rows.filter((row) => isShown(row, { search: wanted, only })),
        sorting,
        locale,
      ),
    [rows, wanted, only, sorting, locale],
  );
  const flags = useMemo(
    () => [...new Set(rows.flatMap(({ cells }) => cells.flatMap((cell) => cell?.flags ?? [])))].toSorted(),
    [rows],
  );
  const download = (): void => {
    const text = csvOf(columns, shown, [t('name'), t('section'), t('sum')]);
    const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = 'grades.csv';
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <>
      <div className="row">
        <label className="field grow">
          <span>{t('search')}</span>
          <input type="search" value={search} onChange={({ target }) => setSearch(target.value)} />
        </label>
        <label className="field">
          <span>{t('only')}</span>
          <select value={only} onChange={({ target }) => setOnly(target.value)}>
            <option value="">{t('everyone')}</option>
            <option value="missing">{t('missing')}</option>
            <option value="failed">{t('failed')}</option>
            {flags.map((flag) => (
              <option key={flag}>{flag}</option>
            ))}
          </select>
        </label>
        <button type="button" className="button" onClick={download}>
          {t('csv')}
        </button>
      </div>
      <p className="muted" role="status">
        {t('shown', { shown: shown.length, all: rows.length })}
      </p>
      <Grid columns={columns} rows={shown} sorting={sorting} onSort={setSorting} />
    </>
  );
}

interface GridProps {
  columns: readonly BookColumn[];
  rows: readonly BookRow[];
  sorting: Sorting;
  onSort: (sorting: Sorting) => void;
}

function Grid({ columns, rows, sorting, onSort }: GridProps) {
  const t = useTranslations('book');
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  });
  const items = virtual.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const span = columns.length + 2;
  return (
    <div ref={box} className="card flush book" role="region" aria-label={t('title')} tabIndex={0}>
      <table aria-rowcount={rows.length + 1}>
        <Head columns={columns} rows={rows} sorting={sorting} onSort={onSort} />
        <tbody>
          {before > 0 && <Gap height={before} span={span} />}
          {items.map(({ index }) => {
            const row = rows[index];
            return row === undefined ? null : (
              <Row key={row.user} row={row} columns={columns} place={index + 2} />
            );
          })}
          {after > 0 && <Gap height={after} span={span} />}
        </tbody>
      </table>
    </div>
  );
}

/** Counted when what is shown changes, and not while it is scrolled. */
const Head = memo(function Head({ columns, rows, sorting, onSort }: GridProps) {
  const t = useTranslations('book');
  const head = (by: Sorting['by'], label: string) => (
    <SortButton label={label} by={by} sorting={sorting} onSort={onSort} />
  );
  return (
    <thead>
      <tr>
        <th scope="col" {...sortOf(sorting, 'name')}>
          {head('name', t('name'))}
        </th>
        {columns.map((column, at) => (
          <th key={column.id} scope="col" className="num" {...sortOf(sorting, at)}>
            {head(at, column.title)}
            <Bars counts={spread(rows, at, column.max)} />
          </th>
        ))}
        <th scope="col" className="num" {...sortOf(sorting, 'sum')}>
          {head('sum', t('sum'))}
        </th>
      </tr>
    </thead>
  );
});

/** Stands for the rows that are out of sight. */
const Gap = ({ height, span }: { height: number; span: number }) => (
  <tr aria-hidden="true" className="gap">
    <td colSpan={span} style={{ height }} />
  </tr>
);

const sortOf = ({ by, down }: Sorting, own: Sorting['by']) =>
  by === own ? ({ 'aria-sort': down ? 'descending' : 'ascending' } as const) : {};

function SortButton({
  label,
  by,
  sorting,
  onSort,
}: {
  label: string;
  by: Sorting['by'];
  sorting: Sorting;
  onSort: (sorting: Sorting) => void;
}) {
  const isOwn = sorting.by === by;
  return (
    <button
      type="button"
      className="sort"
      title={label}
      // Points begin with the most, names with the first.
      onClick={() => onSort({ by, down: isOwn ? !sorting.down : by !== 'name' })}
    >
      <span>{label}</span>
      <span aria-hidden="true">{isOwn ? (sorting.down ? '▼' : '▲') : ''}</span>
    </button>
  );
}

/** How the points of a column are spread, the fewest at the left. */
function Bars({ counts }: { counts: readonly number[] }) {
  const most = Math.max(1, ...counts);
  return (
    <span
      className="bars small"
      role="img"
      aria-label={counts.map((count, band) => `${band * 10} %: ${count}`).join(', ')}
    >
      {counts.map((count, band) => (
        // Bands never change places.
        // oxlint-disable-next-line react/no-array-index-key
        <span key={band} style={{ height: `${(100 * count) / most}%` }} />
      ))}
    </span>
  );
}

interface RowProps {
  row: BookRow;
  columns: readonly BookColumn[];
  place: number;
}

/** One that stays in sight is not made again while others come. */
const Row = memo(function Row({ row, columns, place }: RowProps) {
  const t = useTranslations('book');
  const format = useFormatter();
  return (
    <tr aria-rowindex={place}>
      <th scope="row">
        {row.name}
        {row.section !== null && <span className="hint"> {row.section}</span>}
      </th>
      {row.cells.map((cell, at) => (
        <td key={columns[at]?.id ?? at} className="num">
          {cell === null ? (
            <span className="muted" title={t('missing')}>
              —
            </span>
          ) : (
            <Link
              href={`/submissions/${cell.submission}`}
              prefetch={false}
              title={[t('tries', { count: cell.tries }), ...cell.flags].join(' · ')}
            >
              {cell.score === null ? t(`status_${cell.status}`) : format.number(cell.score)}
              {cell.flags.length > 0 && (
                <span className="flag" role="img" aria-label={cell.flags.join(', ')}>
                  {' '}
                  ⚑
                </span>
              )}
            </Link>
          )}
        </td>
      ))}
      <td className="num">
        <strong>{format.number(row.sum)}</strong>
      </td>
    </tr>
  );
});
