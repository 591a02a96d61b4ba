'use client';

import { useTranslations } from 'next-intl';
import { type LogChoice, logUrl } from './use-log.ts';

export interface LogLook {
  wrap: boolean;
  timestamps: boolean;
}

export interface LogToolsProps {
  choice: LogChoice;
  onChoice: (choice: LogChoice) => void;
  look: LogLook;
  onLook: (look: LogLook) => void;
  only: string;
  onOnly: (text: string) => void;
  search: string;
  onSearch: (text: string) => void;
  hits: number;
  /** Which of the hits is shown; the first is 1. */
  at: number;
  onStep: (step: 1 | -1) => void;
  sources: readonly string[];
  colourOf: (source: string) => number;
  hidden: ReadonlySet<string>;
  onHidden: (hidden: ReadonlySet<string>) => void;
}

/** Search, filters and options of a log. */
export function LogTools(props: LogToolsProps) {
  const t = useTranslations('log');
  const { choice, onChoice, look, onLook } = props;
  return (
    <div className="stack-s">
      <div className="row">
        <Search {...props} />
        <label className="field-inline grow">
          <span>{t('filter')}</span>
          <input value={props.only} onChange={({ target }) => props.onOnly(target.value)} type="search" />
        </label>
        <label className="field-inline">
          <span>{t('since')}</span>
          <select
            value={choice.since}
            onChange={({ target }) => onChoice({ ...choice, since: Number(target.value) })}
          >
            <option value={0}>{t('sinceAll')}</option>
            <option value={300}>{t('sinceMinutes', { count: 5 })}</option>
            <option value={3600}>{t('sinceMinutes', { count: 60 })}</option>
          </select>
        </label>
      </div>
      <div className="row">
        <Switch
          on={look.timestamps}
          onSet={(timestamps) => onLook({ ...look, timestamps })}
          label={t('timestamps')}
        />
        <Switch on={look.wrap} onSet={(wrap) => onLook({ ...look, wrap })} label={t('wrap')} />
        <Switch
          on={choice.previous}
          onSet={(previous) => onChoice({ ...choice, previous })}
          label={t('previous')}
        />
        <a
          className="button small"
          href={logUrl(choice, choice.previous ? { previous: 'true' } : {})}
          download={`${choice.job}.log`}
        >
          {t('download')}
        </a>
      </div>
      {props.sources.length > 1 && <Sources {...props} />}
    </div>
  );
}

function Search({ search, onSearch, hits, at, onStep }: LogToolsProps) {
  const t = useTranslations('log');
  return (
    <div className="row grow">
      <label className="field-inline grow">
        <span>{t('search')}</span>
        <input
          type="search"
          value={search}
          onChange={({ target }) => onSearch(target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            onStep(event.shiftKey ? -1 : 1);
          }}
        />
      </label>
      <span role="status" className="hint">
        {search === '' ? '' : t('hits', { at, hits })}
      </span>
      <button type="button" className="button small" disabled={hits === 0} onClick={() => onStep(-1)}>
        {t('up')}
      </button>
      <button type="button" className="button small" disabled={hits === 0} onClick={() => onStep(1)}>
        {t('down')}
      </button>
    </div>
  );
}

function Switch({ on, onSet, label }: { on: boolean; onSet: (on: boolean) => void; label: string }) {
  return (
    <label className="row">
      <input type="checkbox" checked={on} onChange={({ target }) => onSet(target.checked)} />
      {label}
    </label>
  );
}

function Sources({ sources, hidden, onHidden, colourOf }: LogToolsProps) {
  const t = useTranslations('log');
  return (
    <fieldset className="row log-sources">
      <legend className="visually-hidden">{t('sources')}</legend>
      {sources.map((source) => (
        <label key={source} className="row">
          <input
            type="checkbox"
            checked={!hidden.has(source)}
            onChange={({ target }) => {
              const next = new Set(hidden);
              if (target.checked) next.delete(source);
              else next.add(source);
              onHidden(next);
            }}
          />
          <span className={`log-source source-${colourOf(source)}`}>{source}</span>
        </label>
      ))}
    </fieldset>
  );
}
