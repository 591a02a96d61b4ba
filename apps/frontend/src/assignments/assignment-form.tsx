'use client';

import { useRouter } from 'next/navigation';
import { type SubmitEvent, useState } from 'react';
import { useTranslations } from 'next-intl';
import type { Assignment, Language } from '@cloudemy/contracts';
import { callApi } from '../data/browser.ts';
import { typed } from '../data/form.ts';
import { type Trouble, asTrouble } from '../data/problem.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { TroubleNotice } from '../parts/trouble.tsx';
import { RubricEditor } from './rubric-editor.tsx';
import { type DraftCriterion, draftOf, emptyCriterion, rubricOf } from './rubric-draft.ts';

interface Given {
  languages: readonly Language[];
  /** The one to be changed; a new one when left out. */
  assignment?: Assignment;
}

/** Makes an assignment, or changes one. */
export function AssignmentForm({ languages, assignment }: Given) {
  const t = useTranslations('edit');
  const router = useRouter();
  const [criteria, setCriteria] = useState<readonly DraftCriterion[]>(
    assignment === undefined ? [emptyCriterion()] : draftOf(assignment.rubric),
  );
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  const attempt = async (ask: () => Promise<Assignment>): Promise<void> => {
    setBusy(true);
    setTrouble(undefined);
    try {
      const { assignment_id } = await ask();
      router.push(`/assignments/${assignment_id}`);
      router.refresh();
    } catch (error) {
      setTrouble(asTrouble(error));
      setBusy(false);
    }
  };
  const send = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = bodyOf(form, criteria, languages);
    void attempt(() =>
      assignment === undefined
        ? callApi('createAssignment', { body })
        : callApi('updateAssignment', {
            params: { assignment_id: assignment.assignment_id },
            body: { ...body, version: assignment.version },
          }),
    );
  };
  return (
    <form className="stack" onSubmit={send}>
      {trouble !== undefined && <TroubleNotice trouble={trouble} title={t('refused')} />}
      <div className="card">
        <label className="field">
          <span>{t('title')}</span>
          <input name="title" required maxLength={200} defaultValue={assignment?.title} />
        </label>
        <div className="row">
          <label className="field grow">
            <span>{t('language')}</span>
            <select name="language" defaultValue={assignment?.language ?? 'python'}>
              {languages.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
          <label className="field grow">
            <span>{t('limit')}</span>
            <input
              name="max_code_bytes"
              type="number"
              min={1}
              defaultValue={assignment?.limits.max_code_bytes ?? undefined}
            />
          </label>
        </div>
        <label className="field">
          <span>{t('task')}</span>
          <textarea
            name="description"
            rows={10}
            required
            maxLength={20_000}
            defaultValue={assignment?.description}
          />
          <span className="hint">{t('taskHint')}</span>
        </label>
      </div>
      <RubricEditor criteria={criteria} onChange={setCriteria} />
      <div className="row">
        <button className="button main" disabled={busy}>
          {assignment === undefined ? t('create') : t('save')}
        </button>
        {assignment !== undefined && assignment.archived_at === null && (
          <ConfirmButton
            label={t('archive')}
            question={t('archiveQuestion')}
            onConfirm={() =>
              void attempt(() =>
                callApi('archiveAssignment', { params: { assignment_id: assignment.assignment_id } }),
              )
            }
          />
        )}
      </div>
    </form>
  );
}

/** What the form says, as it is sent. */
function bodyOf(form: FormData, criteria: readonly DraftCriterion[], languages: readonly Language[]) {
  const bytes = typed(form, 'max_code_bytes');
  const language = languages.find((one) => one === typed(form, 'language')) ?? 'python';
  return {
    title: typed(form, 'title'),
    description: typed(form, 'description'),
    language,
    rubric: rubricOf(criteria),
    limits: { max_code_bytes: bytes === '' ? null : Number(bytes) },
  };
}
