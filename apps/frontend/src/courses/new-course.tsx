'use client';

import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { callApi } from '../data/browser.ts';
import { typed } from '../data/form.ts';
import { CourseForm } from './course-form.tsx';

/** Makes a course; whoever makes it teaches it. */
export function NewCourse() {
  const t = useTranslations('course');
  const router = useRouter();
  return (
    <CourseForm
      label={t('create')}
      submit={async (form) => {
        const term = typed(form, 'term').trim();
        const course = await callApi('createCourse', {
          body: { title: typed(form, 'title'), term: term === '' ? null : term },
        });
        router.push(`/courses/${course.course_id}`);
        return '';
      }}
    >
      <label className="field">
        <span>{t('title')}</span>
        <input name="title" required maxLength={200} />
      </label>
      <label className="field">
        <span>{t('term')}</span>
        <input name="term" maxLength={100} />
      </label>
    </CourseForm>
  );
}
