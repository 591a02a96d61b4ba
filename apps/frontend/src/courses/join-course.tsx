'use client';

import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { callApi } from '../data/browser.ts';
import { typed } from '../data/form.ts';
import { CourseForm } from './course-form.tsx';

/** Into a course by the code that its teacher has told. */
export function JoinCourse() {
  const t = useTranslations('course');
  const router = useRouter();
  return (
    <CourseForm
      label={t('joinIt')}
      submit={async (form) => {
        const course = await callApi('joinCourse', { body: { entry_code: typed(form, 'code') } });
        router.push(`/courses/${course.course_id}`);
        return '';
      }}
    >
      <label className="field">
        <span>{t('code')}</span>
        <input name="code" required maxLength={20} autoComplete="off" spellCheck={false} />
      </label>
    </CourseForm>
  );
}
