'use client';

import { useRouter } from 'next/navigation';
import { type ReactNode, type SubmitEvent, useState } from 'react';
import { useTranslations } from 'next-intl';
import type { CriterionResult } from '@cloudemy/contracts';
import { callApi } from '../data/browser.ts';
import { type Trouble, asTrouble } from '../data/problem.ts';
import { TroubleNotice } from '../parts/trouble.tsx';
import { LineFields, linesOf } from './line-fields.tsx';

interface FormProps {
  submit: (fields: Record<string, string>) => Promise<unknown>;
  label: string;
  children: ReactNode;
}

/** A form that says what happened to it, and reads the page again. What was written stays when it was refused. */
function ReviewForm({ submit, label, children }: FormProps) {
  const t = useTranslations('submission');
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  const send = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = Object.fromEntries(
      [...new FormData(form)].map(([name, value]) => [name, typeof value === 'string' ? value : '']),
    );
    setBusy(true);
    setTrouble(undefined);
    try {
      await submit(fields);
      setDone(true);
      form.reset();
      router.refresh();
    } catch (error) {
      setTrouble(asTrouble(error));
    }
    setBusy(false);
  };
  return (
    <form className="stack-s" onSubmit={(event) => void send(event)}>
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
      {children}
      <p className="row">
        <button className="button main" disabled={busy}>
          {label}
        </button>
        <span role="status">{done ? t('sent') : ''}</span>
      </p>
    </form>
  );
}

interface Given {
  submissionId: string;
  criteria: readonly CriterionResult[];
}

/** A student asks for another look at a criterion or at the whole. */
export function AskForReview({ submissionId, criteria, files }: Given & { files: readonly string[] }) {
  const t = useTranslations('submission');
  return (
    <ReviewForm
      label={t('ask')}
      submit={({ criterion = '', text = '', ...fields }) =>
        callApi('requestReview', {
          params: { submission_id: submissionId },
          body: { criterion_id: criterion === '' ? null : criterion, lines: linesOf(fields), text },
        })
      }
    >
      <label className="field">
        <span>{t('askAbout')}</span>
        <select name="criterion">
          <option value="">{t('whole')}</option>
          {criteria.map((one) => (
            <option key={one.criterion_id} value={one.criterion_id}>
              {one.title ?? one.criterion_id}
            </option>
          ))}
        </select>
      </label>
      <p className="hint">{t('askLines')}</p>
      <LineFields files={files} required={false} />
      <label className="field">
        <span>{t('askText')}</span>
        <textarea name="text" required maxLength={4_000} />
      </label>
    </ReviewForm>
  );
}

/** A teacher decides points in place of the grader; what the grader said stays beside it. */
export function DecideGrade({ submissionId, criteria, version }: Given & { version: number | undefined }) {
  const t = useTranslations('submission');
  return (
    <ReviewForm
      label={t('decide')}
      submit={({ reason = '', ...fields }) => {
        const changed = criteria.flatMap(({ criterion_id, points }) => {
          const given = Number(fields[criterion_id] ?? points);
          return given === points ? [] : [{ criterion_id, points: given }];
        });
        return callApi('decideGrade', {
          params: { submission_id: submissionId },
          body: {
            reason,
            ...(changed.length === 0 ? {} : { criteria: changed }),
            ...(version === undefined ? {} : { version }),
          },
        });
      }}
    >
      {criteria.map((one) => (
        <label key={one.criterion_id} className="field-inline">
          <span className="grow">{one.title ?? one.criterion_id}</span>
          <input
            className="points"
            name={one.criterion_id}
            type="number"
            step="any"
            min={0}
            max={one.max_points}
            defaultValue={one.points}
          />
          <span>{t('ofMax', { max: one.max_points })}</span>
        </label>
      ))}
      <label className="field">
        <span>{t('reason')}</span>
        <textarea name="reason" required maxLength={2_000} />
      </label>
    </ReviewForm>
  );
}

/** A comment on lines, which the student reads beneath them. */
export function CommentForm({ submissionId, files }: { submissionId: string; files: readonly string[] }) {
  const t = useTranslations('submission');
  return (
    <ReviewForm
      label={t('comment')}
      submit={({ text = '', ...fields }) => {
        const lines = linesOf(fields) ?? { file: '', start_line: 1, end_line: 1 };
        return callApi('createComment', {
          params: { submission_id: submissionId },
          body: { ...lines, text },
        });
      }}
    >
      <LineFields files={files} required />
      <label className="field">
        <span>{t('commentText')}</span>
        <textarea name="text" required maxLength={4_000} />
      </label>
    </ReviewForm>
  );
}

/** The answer to a student's request. */
export function AnswerReview({ submissionId, requestId }: { submissionId: string; requestId: string }) {
  const t = useTranslations('submission');
  return (
    <ReviewForm
      label={t('answer')}
      submit={({ answer = '' }) =>
        callApi('answerReview', {
          params: { submission_id: submissionId, request_id: requestId },
          body: { answer },
        })
      }
    >
      <label className="field">
        <span>{t('answerText')}</span>
        <textarea name="answer" required maxLength={4_000} />
      </label>
    </ReviewForm>
  );
}

/** Grades again by the assignment as it is now. The grade in force stays until there is a new one. */
export function RegradeButton({ submissionId }: { submissionId: string }) {
  const t = useTranslations('submission');
  return (
    <ReviewForm
      label={t('regrade')}
      submit={() => callApi('regradeSubmission', { params: { submission_id: submissionId } })}
    >
      <p className="hint">{t('regradeHint')}</p>
    </ReviewForm>
  );
}

interface GradeChangeProps {
  submissionId: string;
  version: number | undefined;
}

/** Puts the grade of an earlier attempt in force again. */
export function RestoreGrade({ submissionId, version, attempt }: GradeChangeProps & { attempt: number }) {
  const t = useTranslations('submission');
  return (
    <ReviewForm
      label={t('restore', { attempt })}
      submit={({ reason = '' }) =>
        callApi('restoreGrade', {
          params: { submission_id: submissionId },
          body: { attempt, reason, ...(version === undefined ? {} : { version }) },
        })
      }
    >
      <label className="field">
        <span>{t('reason')}</span>
        <input name="reason" required maxLength={2_000} />
      </label>
    </ReviewForm>
  );
}

/** Takes the last change of the grade back. */
export function UndoGrade({ submissionId, version }: GradeChangeProps) {
  const t = useTranslations('submission');
  return (
    <ReviewForm
      label={t('undo')}
      submit={({ reason = '' }) =>
        callApi('undoGrade', {
          params: { submission_id: submissionId },
          body: { reason, ...(version === undefined ? {} : { version }) },
        })
      }
    >
      <label className="field">
        <span>{t('reason')}</span>
        <input name="reason" required maxLength={2_000} />
      </label>
    </ReviewForm>
  );
}
