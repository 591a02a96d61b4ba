'use client';

import type { Extension } from '@codemirror/state';
import dynamic from 'next/dynamic';
import { useRouter } from 'next/navigation';
import { type DragEvent, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'next-intl';
import type { Language } from '@cloudemy/contracts';
import { callApi } from '../data/browser.ts';
import { type Trouble, asTrouble } from '../data/problem.ts';
import { TroubleNotice } from '../parts/trouble.tsx';
import { editorLanguage } from './editor-languages.ts';
import { base64Of, fileOf, mostBytes } from './files.ts';

const CodeEditor = dynamic(() => import('../parts/code-editor.tsx').then((part) => part.CodeEditor), {
  ssr: false,
});

interface Given {
  assignmentId: string;
  language: Language;
  maxBytes: number | null;
}

/** Hands in what was written here, or files. A draft stays in this browser until it is handed in. */
export function HandIn({ assignmentId, language, maxBytes }: Given) {
  const t = useTranslations('assignment');
  const router = useRouter();
  const [text, setText, forget] = useDraft(assignmentId);
  const [files, setFiles] = useState<readonly File[]>([]);
  const [extension, setExtension] = useState<Extension>();
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  // One key for one content: sent twice, it is handed in once.
  const key = useRef('');
  const picker = useRef<HTMLInputElement>(null);
  useEffect(() => {
    void editorLanguage(language).then(setExtension);
  }, [language]);

  const choose = (chosen: Iterable<File>): void => {
    key.current = '';
    setFiles([...chosen]);
  };
  const send = async (): Promise<void> => {
    setBusy(true);
    setTrouble(undefined);
    if (key.current === '') key.current = crypto.randomUUID();
    try {
      const body = { assignment_id: assignmentId, ...(await contentOf(text, files)) };
      const made = await callApi('createSubmission', { body, headers: { 'idempotency-key': key.current } });
      forget();
      router.push(`/submissions/${made.submission_id}`);
    } catch (error) {
      setTrouble(asTrouble(error));
      setBusy(false);
    }
  };
  const bytes =
    files.length > 0 ? files.reduce((sum, { size }) => sum + size, 0) : new TextEncoder().encode(text).length;
  const limit = maxBytes ?? mostBytes;
  const isEmpty = files.length === 0 && text.trim() === '';
  return (
    <div
      className="stack"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event: DragEvent) => {
        event.preventDefault();
        choose(event.dataTransfer.files);
      }}
    >
      {files.length === 0 ? (
        <CodeEditor
          label={t('yourCode')}
          value={text}
          language={extension}
          onChange={(next) => {
            key.current = '';
            setText(next);
          }}
        />
      ) : (
        <ul className="plain-list">
          {files.map((file) => (
            <li key={file.name} className="row">
              <code>{file.name}</code> <span className="hint">{t('bytes', { count: file.size })}</span>
            </li>
          ))}
          <li>
            <button type="button" className="button small" onClick={() => choose([])}>
              {t('write')}
            </button>
          </li>
        </ul>
      )}
      {trouble !== undefined && <TroubleNotice trouble={trouble} title={t('refused')} />}
      <div className="row">
        <button
          type="button"
          className="button main"
          disabled={busy || isEmpty || bytes > limit}
          onClick={() => void send()}
        >
          {t('send')}
        </button>
        <button type="button" className="button" onClick={() => picker.current?.click()}>
          {t('chooseFiles')}
        </button>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          aria-label={t('chooseFiles')}
          onChange={({ target }) => choose(target.files ?? [])}
        />
        <span className={bytes > limit ? 'fault' : 'hint'} role="status">
          {t('size', { bytes, limit })}
        </span>
      </div>
      <p className="hint">{t('dropHint')}</p>
    </div>
  );
}

/** One archive as an archive, files as files, else what was written. */
async function contentOf(text: string, files: readonly File[]) {
  const [first] = files;
  if (first === undefined) return { code: text };
  if (files.length === 1 && first.name.toLowerCase().endsWith('.zip')) {
    return { archive: base64Of(new Uint8Array(await first.arrayBuffer())) };
  }
  return { files: await Promise.all(files.map((file) => fileOf(file))) };
}

function useDraft(assignmentId: string): [string, (text: string) => void, () => void] {
  const key = `cloudemy-draft-${assignmentId}`;
  const [text, setText] = useState('');
  useEffect(() => {
    setText(localStorage.getItem(key) ?? '');
  }, [key]);
  return [
    text,
    (next) => {
      setText(next);
      // A store that is full keeps nobody from writing.
      try {
        localStorage.setItem(key, next);
      } catch {
        return;
      }
    },
    () => localStorage.removeItem(key),
  ];
}
