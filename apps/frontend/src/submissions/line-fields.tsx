'use client';

import { useEffect, useState } from 'react';
import { useTranslations } from 'next-intl';
import { usePickedLines } from './picked-lines.ts';

/** Which lines are meant: those picked in the code, or as typed. */
export function LineFields({ files, required }: { files: readonly string[]; required: boolean }) {
  const t = useTranslations('submission');
  const picked = usePickedLines();
  const [file, setFile] = useState(files[0] ?? '');
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  useEffect(() => {
    if (picked === undefined) return;
    setFile(picked.file);
    setFrom(String(picked.from));
    setTo(String(picked.to));
  }, [picked]);
  return (
    <div className="row">
      <label className="field grow">
        <span>{t('file')}</span>
        <select name="file" value={file} onChange={({ target }) => setFile(target.value)}>
          {files.map((path) => (
            <option key={path}>{path}</option>
          ))}
        </select>
      </label>
      <label className="field">
        <span>{t('fromLine')}</span>
        <input
          className="points"
          name="from"
          type="number"
          min={1}
          required={required}
          value={from}
          onChange={({ target }) => setFrom(target.value)}
        />
      </label>
      <label className="field">
        <span>{t('toLine')}</span>
        <input
          className="points"
          name="to"
          type="number"
          min={1}
          value={to}
          onChange={({ target }) => setTo(target.value)}
        />
      </label>
    </div>
  );
}

/** What the fields say, as it is sent; null where no line is named. */
export const linesOf = ({ file = '', from = '', to = '' }: Record<string, string>) =>
  from === ''
    ? null
    : { file, start_line: Number(from), end_line: Math.max(Number(from), Number(to === '' ? from : to)) };
