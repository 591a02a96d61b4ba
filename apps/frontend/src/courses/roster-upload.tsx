'use client';

import { useRouter } from 'next/navigation';
import { type DragEvent, useState } from 'react';
import { useTranslations } from 'next-intl';
import type { RosterReport } from '@cloudemy/contracts';
import { callApi } from '../data/browser.ts';
import { type Trouble, asTrouble } from '../data/problem.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { TroubleNotice } from '../parts/trouble.tsx';

/** People from a CSV: first what would be done, then done. */
export function RosterUpload({ courseId }: { courseId: string }) {
  const t = useTranslations('course');
  const router = useRouter();
  const [csv, setCsv] = useState('');
  const [report, setReport] = useState<RosterReport>();
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  const take = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    setCsv(await file.text());
    setReport(undefined);
  };
  const send = async (dry_run: boolean): Promise<void> => {
    setBusy(true);
    setTrouble(undefined);
    try {
      setReport(await callApi('importRoster', { params: { course_id: courseId }, body: { csv, dry_run } }));
      if (!dry_run) router.refresh();
    } catch (error) {
      setReport(undefined);
      setTrouble(asTrouble(error));
    }
    setBusy(false);
  };
  return (
    <div
      className="stack-s"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event: DragEvent) => {
        event.preventDefault();
        void take(event.dataTransfer.files[0]);
      }}
    >
      <label className="field">
        <span>{t('csv')}</span>
        <textarea
          value={csv}
          maxLength={1_048_576}
          placeholder={'email,name,section\nada@example.org,Ada,a'}
          onChange={({ target }) => {
            setCsv(target.value);
            setReport(undefined);
          }}
        />
        <span className="hint">{t('csvHint')}</span>
      </label>
      <label className="field">
        <span>{t('csvFile')}</span>
        <input
          type="file"
          accept=".csv,.tsv,text/csv,text/plain"
          onChange={({ target }) => void take(target.files?.[0])}
        />
      </label>
      <p className="row">
        <button
          type="button"
          className="button"
          disabled={busy || csv.trim() === ''}
          onClick={() => void send(true)}
        >
          {t('tryRoster')}
        </button>
        <button
          type="button"
          className="button main"
          disabled={busy || csv.trim() === ''}
          onClick={() => void send(false)}
        >
          {t('importRoster')}
        </button>
      </p>
      {trouble !== undefined && <TroubleNotice trouble={trouble} title={t('rosterRefused')} />}
      {report !== undefined && <Report report={report} />}
    </div>
  );
}

function Report({ report }: { report: RosterReport }) {
  const t = useTranslations('course');
  const { dry_run: isDry, added, changed, unchanged, not_listed: notListed, invitations } = report;
  const links = invitations.map(
    ({ email, invitation }) =>
      `${email},${window.location.origin}/sign-in?invitation=${encodeURIComponent(invitation)}`,
  );
  return (
    <div className="notice good" role="status">
      <p>{t(isDry ? 'wouldBe' : 'done', { added, changed, unchanged })}</p>
      {report.new_sections.length > 0 && <p>{t('newSections', { names: report.new_sections.join(', ') })}</p>}
      {notListed > 0 && <p className="muted">{t('notListed', { count: notListed })}</p>}
      {links.length > 0 && (
        <>
          <p className="row">
            {t('invitations', { count: links.length })}
            <CopyButton text={links.join('\n')} what={t('links')} />
          </p>
          <textarea readOnly aria-label={t('links')} value={links.join('\n')} />
        </>
      )}
    </div>
  );
}
