'use client';

import { useRef } from 'react';
import { useTranslations } from 'next-intl';

interface Given {
  label: string;
  /** Which of many this is about, for those who hear buttons alone. */
  about?: string;
  question: string;
  className?: string;
  onConfirm: () => void;
}

/** Asks before it does what cannot be taken back. Focus returns to the button by itself. */
export function ConfirmButton({ label, about, question, className = 'button danger', onConfirm }: Given) {
  const t = useTranslations('confirm');
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button type="button" className={className} onClick={() => dialog.current?.showModal()}>
        {label}
        {about !== undefined && <span className="visually-hidden"> {about}</span>}
      </button>
      <dialog ref={dialog} aria-label={label}>
        <div className="stack">
          <p>{question}</p>
          <div className="row">
            <button
              type="button"
              className="button danger"
              onClick={() => {
                dialog.current?.close();
                onConfirm();
              }}
            >
              {label}
            </button>
            <button type="button" className="button" onClick={() => dialog.current?.close()}>
              {t('no')}
            </button>
          </div>
        </div>
      </dialog>
    </>
  );
}
