'use client';

import { useState } from 'react';
import { useTranslations } from 'next-intl';

/** Puts a text on the clipboard, and says so. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const t = useTranslations('copy');
  const [done, setDone] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setDone(true);
    } catch {
      // Without the right to the clipboard the text is still there to be selected.
      setDone(false);
    }
  };
  return (
    <button type="button" className="button small" onClick={() => void copy()}>
      <span aria-live="polite">{done ? t('done') : t('copy')}</span>
      <span className="visually-hidden"> {what}</span>
    </button>
  );
}
