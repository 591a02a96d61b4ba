'use client';

import { useRouter } from 'next/navigation';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'next-intl';
import type { ReviewGroup } from '@cloudemy/contracts';
import { callApi } from '../data/browser.ts';
import { asTrouble } from '../data/problem.ts';
import { GroupList, type GroupHead } from './group-list.tsx';
import { CommentBox } from './comment-box.tsx';
import { type ReviewAction, actionOf, reviewKeys } from './review-keys.ts';
import { SettleForm } from './settle-form.tsx';
import { type Settled, forEach } from './settle.ts';

interface Given {
  assignmentId: string;
  only: string | undefined;
  groups: readonly GroupHead[];
  current: ReviewGroup;
  files: readonly string[];
  children: ReactNode;
}

/** What was settled last, to be taken back with one key. Kept over the change to the next group. */
let last: readonly Settled[] = [];

/** One group after the other: seen, decided for all of it, commented on, taken back. Everything has a key. */
export function ReviewDesk({ assignmentId, only, groups, current, files, children }: Given) {
  const t = useTranslations('review');
  const router = useRouter();
  const [said, setSaid] = useState('');
  const [isHelp, setHelp] = useState(false);
  const points = useRef<HTMLInputElement>(null);
  const form = useRef<HTMLFormElement>(null);
  const comment = useRef<HTMLTextAreaElement>(null);
  const at = groups.findIndex(({ group_id }) => group_id === current.group_id);
  const hrefOf = (group: string): string =>
    `/assignments/${assignmentId}/review?${new URLSearchParams({ ...(only === undefined ? {} : { only }), group })}`;
  const go = (by: number): void => {
    const next = groups[at + by];
    if (next === undefined) setSaid(t(by > 0 ? 'lastOne' : 'firstOne'));
    else router.push(hrefOf(next.group_id));
  };
  const settled = (results: readonly Settled[]): void => {
    last = results.filter(({ grade_version }) => grade_version !== undefined);
    const refused = results.length - last.length;
    setSaid(
      refused === 0 ? t('settled', { count: last.length }) : t('partly', { count: last.length, refused }),
    );
    if (refused > 0) return;
    const next = groups[at + 1] ?? groups[at - 1];
    if (next !== undefined) router.push(hrefOf(next.group_id));
    router.refresh();
  };
  const undo = async (): Promise<void> => {
    const members = last.map(({ submission_id, grade_version: version = 0 }) => ({
      submission_id,
      grade_version: version,
    }));
    last = [];
    const results = await forEach(members, async ({ submission_id, grade_version: version }) => {
      const { grade } = await callApi('undoGrade', {
        params: { submission_id },
        body: { reason: t('undoReason'), version },
      });
      return grade?.version ?? 0;
    });
    const refused = results.find(({ error }) => error !== undefined);
    setSaid(refused === undefined ? t('undone', { count: results.length }) : asTrouble(refused.error).detail);
    router.refresh();
  };
  const act = (action: ReviewAction): void => {
    if (action === 'next') go(1);
    if (action === 'before') go(-1);
    if (action === 'points') points.current?.focus();
    if (action === 'comment') comment.current?.focus();
    if (action === 'confirm') form.current?.requestSubmit();
    if (action === 'undo') void undo();
    if (action === 'open') router.push(`/submissions/${current.submissions[0]?.submission_id}`);
    if (action === 'help') setHelp((shown) => !shown);
  };
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && document.activeElement instanceof HTMLElement)
        document.activeElement.blur();
      const action = actionOf(event);
      if (action === undefined) return;
      event.preventDefault();
      latest.current(action);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  return (
    <div className="review">
      <GroupList groups={groups} current={current.group_id} hrefOf={hrefOf} />
      <div className="stack">
        <DeskTools act={act} isHelp={isHelp} said={said} />
        <SettleForm group={current} formRef={form} firstField={points} onSettled={settled} />
        {children}
        <CommentBox group={current} files={files} textRef={comment} onDone={() => router.refresh()} />
      </div>
    </div>
  );
}

interface ToolsProps {
  act: (action: ReviewAction) => void;
  isHelp: boolean;
  said: string;
}

/** What can be done from everywhere, each with its key. */
function DeskTools({ act, isHelp, said }: ToolsProps) {
  const t = useTranslations('review');
  return (
    <>
      <div className="row">
        <button type="button" className="button small" onClick={() => act('before')}>
          {t('before')} <kbd>k</kbd>
        </button>
        <button type="button" className="button small" onClick={() => act('next')}>
          {t('next')} <kbd>j</kbd>
        </button>
        <button type="button" className="button small" onClick={() => act('undo')}>
          {t('undo')} <kbd>u</kbd>
        </button>
        <button type="button" className="button small" aria-expanded={isHelp} onClick={() => act('help')}>
          {t('help')} <kbd>?</kbd>
        </button>
        <span role="status">{said}</span>
      </div>
      {isHelp && (
        <dl className="facts card">
          {reviewKeys.map(([key, action]) => (
            <div key={key} className="row">
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{t(`key_${action}`)}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}
