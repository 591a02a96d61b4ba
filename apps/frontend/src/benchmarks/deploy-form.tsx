'use client';

import { yaml } from '@codemirror/lang-yaml';
import { useMutation } from '@tanstack/react-query';
import Link from 'next/link';
import { type DragEvent, useEffect, useMemo, useState } from 'react';
import { useTranslations } from 'next-intl';
import type { DeployAnswer, FieldError } from '@cloudemy/contracts';
import { callBench } from '../data/browser.ts';
import { asTrouble } from '../data/problem.ts';
import { CodeEditor } from '../parts/code-editor.tsx';
import { TroubleNotice } from '../parts/trouble.tsx';
import { ObjectReports } from './object-reports.tsx';
import { templateNames, templates } from './templates.ts';

const draftKey = 'cloudemy-yaml';
const language = yaml();

/** YAML to be deployed: checked, tried without a change, or done. */
export function DeployForm({ namespaces }: { namespaces: readonly string[] }) {
  const t = useTranslations('deploy');
  const [text, setText] = useDraft();
  const [namespace, setNamespace] = useState(namespaces[0] ?? 'default');
  const [goTo, setGoTo] = useState<{ line: number }>();
  const sending = useMutation({
    mutationFn: ({ dry_run, force }: { dry_run: boolean; force: boolean }) =>
      callBench('deploy', { body: { yaml_content: text, namespace, dry_run, force } }),
  });
  const trouble = sending.isError ? asTrouble(sending.error) : undefined;
  const faults = useMemo(() => (trouble?.errors ?? []).filter(isAtLine), [trouble?.errors]);
  const elsewhere = { ...trouble, errors: (trouble?.errors ?? []).filter((error) => !isAtLine(error)) };
  const drop = async (event: DragEvent): Promise<void> => {
    event.preventDefault();
    const texts = await Promise.all([...event.dataTransfer.files].map((file) => file.text()));
    if (texts.length > 0) setText(texts.map((one) => one.trimEnd()).join('\n---\n'));
  };
  return (
    <div className="split">
      <div
        className="stack"
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => void drop(event)}
      >
        <div className="row">
          <label className="field-inline">
            <span>{t('template')}</span>
            <select
              value=""
              onChange={({ target }) => {
                const chosen = templateNames.find((name) => name === target.value);
                if (chosen !== undefined) setText(templates[chosen]);
              }}
            >
              <option value="">{t('choose')}</option>
              {templateNames.map((name) => (
                <option key={name} value={name}>
                  {t(name)}
                </option>
              ))}
            </select>
          </label>
          <label className="field-inline">
            <span>{t('namespace')}</span>
            <select value={namespace} onChange={({ target }) => setNamespace(target.value)}>
              {namespaces.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
          <span className="hint">{t('dropHint')}</span>
        </div>
        <CodeEditor
          label={t('yaml')}
          value={text}
          onChange={setText}
          language={language}
          goTo={goTo}
          faults={faults.map(({ line, column, path, reason }) => ({
            line,
            column,
            message: `${path} ${reason}`.trim(),
          }))}
        />
        <div className="row">
          <button
            type="button"
            className="button main"
            disabled={sending.isPending || text.trim() === ''}
            onClick={() => sending.mutate({ dry_run: false, force: false })}
          >
            {t('deploy')}
          </button>
          <button
            type="button"
            className="button"
            disabled={sending.isPending || text.trim() === ''}
            onClick={() => sending.mutate({ dry_run: true, force: false })}
          >
            {t('try')}
          </button>
          {sending.isPending && <span className="spin" role="status" aria-label={t('sending')} />}
        </div>
      </div>
      <div className="stack" aria-live="polite">
        {sending.isIdle && <p className="notice">{t('hint')}</p>}
        {trouble !== undefined && (
          <TroubleNotice trouble={{ ...trouble, ...elsewhere }} title={t('refused')} />
        )}
        {faults.length > 0 && <Faults faults={faults} onGoTo={(line) => setGoTo({ line })} />}
        {trouble !== undefined && trouble.objects.length > 0 && <ObjectReports objects={trouble.objects} />}
        {sending.isSuccess && <Outcome answer={sending.data} />}
      </div>
    </div>
  );
}

type AtLine = FieldError & { line: number };
const isAtLine = (error: FieldError): error is AtLine => error.line !== undefined;

function Faults({ faults, onGoTo }: { faults: readonly AtLine[]; onGoTo: (line: number) => void }) {
  const t = useTranslations('deploy');
  return (
    <ul className="plain-list card">
      {faults.map((fault) => (
        <li key={`${fault.line} ${fault.path} ${fault.reason}`} className="stack-s">
          <span className="row">
            <button type="button" className="button small" onClick={() => onGoTo(fault.line)}>
              {t('line', { line: fault.line })}
            </button>
            {fault.path !== '' && <code>{fault.path}</code>}
          </span>
          <span>{fault.reason}</span>
        </li>
      ))}
    </ul>
  );
}

function Outcome({ answer }: { answer: DeployAnswer }) {
  const t = useTranslations('deploy');
  const nothingNew = !answer.dry_run && answer.objects.every(({ result }) => result === 'unchanged');
  return (
    <>
      <div className="notice good">
        <p>{answer.message}</p>
        {nothingNew && <p>{t('runAgain')}</p>}
        {!answer.dry_run && answer.deployment_id !== null && (
          <p>
            <Link className="button" href={`/benchmarks/${answer.deployment_id}`} prefetch={false}>
              {t('watch')}
            </Link>
          </p>
        )}
      </div>
      <ObjectReports objects={answer.objects} />
    </>
  );
}

/** What was written stays over a reload, in this window alone. */
function useDraft(): [string, (text: string) => void] {
  const [text, setText] = useState<string>(templates.job);
  useEffect(() => {
    setText(sessionStorage.getItem(draftKey) ?? templates.job);
  }, []);
  return [
    text,
    (next) => {
      sessionStorage.setItem(draftKey, next);
      setText(next);
    },
  ];
}
