'use client';

import { useRouter } from 'next/navigation';
import { type ReactNode, type SubmitEvent, useState } from 'react';
import { useTranslations } from 'next-intl';
import type { CriterionResult } from '@cloudemy/contracts';
import { callApi } from '../data/browser.ts';
import { type Trouble, asTrouble } from '../data/problem.ts';
import { TroubleNotice } from '../parts/trouble.tsx';

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
export function AskForReview({ submissionId, criteria }: Given) {
  const t = useTranslations('submission');
  return (
    <ReviewForm
      label={t('ask')}
      submit={({ criterion = '', text = '' }) =>
        callApi('requestReview', {
          params: { submission_id: submissionId },
          body: { criterion_id: criterion === '' ? null : criterion, text },
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
      submit={({ file = '', from = '1', to = '', text = '' }) =>
        callApi('createComment', {
          params: { submission_id: submissionId },
          body: { file, start_line: Number(from), end_line: Number(to === '' ? from : to), text },
        })
      }
    >
      <div className="row">
        <label className="field grow">
          <span>{t('file')}</span>
          <select name="file">
            {files.map((path) => (
              <option key={path}>{path}</option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>{t('fromLine')}</span>
          <input className="points" name="from" type="number" min={1} required />
        </label>
        <label className="field">
          <span>{t('toLine')}</span>
          <input className="points" name="to" type="number" min={1} />
        </label>
      </div>
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
