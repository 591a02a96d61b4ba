'use client';

import { type RefObject, type SubmitEvent, useState } from 'react';
import { useTranslations } from 'next-intl';
import type { ReviewGroup } from '@cloudemy/contracts';
import { callApi } from '../data/browser.ts';
import { typed } from '../data/form.ts';
import { type Trouble, asTrouble } from '../data/problem.ts';
import { TroubleNotice } from '../parts/trouble.tsx';
import { LineFields, linesOf } from '../submissions/line-fields.tsx';

interface Given {
  group: ReviewGroup;
  files: readonly string[];
  textRef: RefObject<HTMLTextAreaElement | null>;
  onDone: () => void;
}

/** A comment on lines of the one that is shown: others of its group may have those lines elsewhere. */
export function CommentBox({ group, files, textRef, onDone }: Given) {
  const t = useTranslations('review');
  const [trouble, setTrouble] = useState<Trouble>();
  const [said, setSaid] = useState('');
  const submission_id = group.submissions[0]?.submission_id ?? '';
  const send = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const lines = linesOf({ file: typed(data, 'file'), from: typed(data, 'from'), to: typed(data, 'to') });
    if (lines === null) return;
    try {
      setTrouble(undefined);
      await callApi('createComment', {
        params: { submission_id },
        body: { ...lines, text: typed(data, 'text') },
      });
      form.reset();
      setSaid(t('commented'));
      onDone();
    } catch (error) {
      setTrouble(asTrouble(error));
    }
  };
  return (
    <form className="card" aria-label={t('comment')} onSubmit={(event) => void send(event)}>
      <h2>{t('comment')}</h2>
      <LineFields files={files} required />
      <label className="field">
        <span>{t('commentText')}</span>
        <textarea ref={textRef} name="text" required maxLength={4_000} />
      </label>
      <p className="row">
        <button className="button">{t('commentSend')}</button>
        <span role="status">{said}</span>
      </p>
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
    </form>
  );
}
