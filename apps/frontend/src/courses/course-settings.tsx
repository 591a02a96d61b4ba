'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useTranslations } from 'next-intl';
import type { Course } from '@cloudemy/contracts';
import { callApi } from '../data/browser.ts';
import { typed } from '../data/form.ts';
import { type Trouble, asTrouble } from '../data/problem.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { TroubleNotice } from '../parts/trouble.tsx';
import { CourseForm } from './course-form.tsx';

/** Name, sections, entry code, archive. */
export function CourseSettings({ course }: { course: Course }) {
  const t = useTranslations('course');
  const router = useRouter();
  const params = { course_id: course.course_id };
  return (
    <>
      <section className="card" aria-label={t('entry')}>
        <h2>{t('entry')}</h2>
        <EntryCode course={course} />
      </section>
      <section className="card" aria-label={t('settings')}>
        <h2>{t('settings')}</h2>
        <CourseForm
          key={course.updated_at}
          label={t('save')}
          submit={async (form) => {
            const term = typed(form, 'term').trim();
            await callApi('updateCourse', {
              params,
              body: {
                title: typed(form, 'title'),
                term: term === '' ? null : term,
                sections: sectionsOf(typed(form, 'sections'), course.sections),
              },
            });
            router.refresh();
            return t('saved');
          }}
        >
          <label className="field">
            <span>{t('title')}</span>
            <input name="title" required maxLength={200} defaultValue={course.title} />
          </label>
          <label className="field">
            <span>{t('term')}</span>
            <input name="term" maxLength={100} defaultValue={course.term ?? ''} />
          </label>
          <label className="field">
            <span>{t('sections')}</span>
            <textarea
              name="sections"
              defaultValue={course.sections.map((one) => `${one.section_id}: ${one.title}`).join('\n')}
            />
            <span className="hint">{t('sectionsHint')}</span>
          </label>
        </CourseForm>
      </section>
    </>
  );
}

/** A line for each: `id: title`, or a title alone. */
function sectionsOf(text: string, known: Course['sections']): Course['sections'] {
  return text.split('\n').flatMap((line) => {
    const trimmed = line.trim();
    if (trimmed === '') return [];
    const [, id, title] = /^([a-z0-9][a-z0-9_-]*):\s*(.+)$/.exec(trimmed) ?? [];
    if (id !== undefined && title !== undefined) return [{ section_id: id, title }];
    const same = known.find((one) => one.title === trimmed);
    return [same ?? { section_id: slugOf(trimmed), title: trimmed }];
  });
}

const slugOf = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60) || 'section';

function EntryCode({ course }: { course: Course }) {
  const t = useTranslations('course');
  const router = useRouter();
  const [trouble, setTrouble] = useState<Trouble>();
  const params = { course_id: course.course_id };
  const change = async (ask: () => Promise<unknown>): Promise<void> => {
    try {
      setTrouble(undefined);
      await ask();
      router.refresh();
    } catch (error) {
      setTrouble(asTrouble(error));
    }
  };
  return (
    <>
      {course.entry_code === null ? (
        <p className="muted">{t('entryClosed')}</p>
      ) : (
        <p className="row">
          <code className="figure">{course.entry_code}</code>
          <CopyButton text={course.entry_code} what={t('code')} />
        </p>
      )}
      <p className="hint">{t('entryHint')}</p>
      <div className="row">
        <button
          type="button"
          className="button"
          onClick={() => void change(() => callApi('openCourseEntry', { params }))}
        >
          {course.entry_code === null ? t('openEntry') : t('newCode')}
        </button>
        {course.entry_code !== null && (
          <button
            type="button"
            className="button"
            onClick={() => void change(() => callApi('closeCourseEntry', { params }))}
          >
            {t('closeEntry')}
          </button>
        )}
        {course.archived_at === null ? (
          <ConfirmButton
            label={t('archive')}
            question={t('archiveQuestion')}
            onConfirm={() => void change(() => callApi('archiveCourse', { params }))}
          />
        ) : (
          <button
            type="button"
            className="button"
            onClick={() => void change(() => callApi('unarchiveCourse', { params }))}
          >
            {t('unarchive')}
          </button>
        )}
      </div>
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
    </>
  );
}
