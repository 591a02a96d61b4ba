'use client';

import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import type { Course, CourseRole } from '@cloudemy/contracts';
import { callApi } from '../data/browser.ts';
import { typed } from '../data/form.ts';
import { CourseForm } from './course-form.tsx';

const roles: readonly CourseRole[] = ['student', 'assistant', 'instructor'];

/** One person by address. */
export function AddPerson({ course }: { course: Course }) {
  const t = useTranslations('course');
  const router = useRouter();
  return (
    <CourseForm
      label={t('addIt')}
      submit={async (form) => {
        const section = typed(form, 'section');
        const name = typed(form, 'name').trim();
        const person = await callApi('addCoursePerson', {
          params: { course_id: course.course_id },
          body: {
            email: typed(form, 'email'),
            name: name === '' ? null : name,
            role: roles.find((one) => one === typed(form, 'role')) ?? 'student',
            section: section === '' ? null : section,
          },
        });
        router.refresh();
        return t('added', { name: person.name });
      }}
    >
      <label className="field">
        <span>{t('email')}</span>
        <input name="email" type="email" required maxLength={254} />
      </label>
      <label className="field">
        <span>{t('name')}</span>
        <input name="name" maxLength={200} />
      </label>
      <label className="field">
        <span>{t('role')}</span>
        <select name="role">
          {roles.map((role) => (
            <option key={role} value={role}>
              {t(role)}
            </option>
          ))}
        </select>
      </label>
      {course.sections.length > 0 && (
        <label className="field">
          <span>{t('section')}</span>
          <select name="section">
            <option value="">{t('noSection')}</option>
            {course.sections.map((one) => (
              <option key={one.section_id} value={one.section_id}>
                {one.title}
              </option>
            ))}
          </select>
        </label>
      )}
    </CourseForm>
  );
}
