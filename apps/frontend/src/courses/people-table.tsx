'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useTranslations } from 'next-intl';
import type { Course, CoursePerson, CourseRole } from '@cloudemy/contracts';
import { callApi } from '../data/browser.ts';
import { type Trouble, asTrouble } from '../data/problem.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { TroubleNotice } from '../parts/trouble.tsx';

const roles: readonly CourseRole[] = ['instructor', 'assistant', 'student'];

interface Given {
  course: Course;
  people: readonly CoursePerson[];
  /** Whether the reader may change roles and sections. */
  canRun: boolean;
  meId: string | undefined;
}

/** Who is in a course; role and section are changed in the row. */
export function PeopleTable({ course, people, canRun, meId }: Given) {
  const t = useTranslations('course');
  const router = useRouter();
  const [trouble, setTrouble] = useState<Trouble>();
  const change = async (ask: () => Promise<unknown>): Promise<void> => {
    try {
      setTrouble(undefined);
      await ask();
    } catch (error) {
      setTrouble(asTrouble(error));
    }
    router.refresh();
  };
  return (
    <>
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
      <div className="card flush scroll" role="region" aria-label={t('people')} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('name')}</th>
              <th scope="col">{t('email')}</th>
              <th scope="col">{t('role')}</th>
              <th scope="col">{t('section')}</th>
              {canRun && <th scope="col">{t('actions')}</th>}
            </tr>
          </thead>
          <tbody>
            {people.map((person) => (
              <Row
                key={person.user_id}
                course={course}
                person={person}
                canRun={canRun && person.user_id !== meId}
                change={change}
              />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

interface RowProps {
  course: Course;
  person: CoursePerson;
  canRun: boolean;
  change: (ask: () => Promise<unknown>) => Promise<void>;
}

function Row({ course, person, canRun, change }: RowProps) {
  const t = useTranslations('course');
  const params = { course_id: course.course_id, user_id: person.user_id };
  const sectionTitle = course.sections.find((one) => one.section_id === person.section)?.title;
  const update = (body: { role?: CourseRole; section?: string | null }): void =>
    void change(() => callApi('updateCoursePerson', { params, body }));
  return (
    <tr>
      <th scope="row">{person.name}</th>
      <td>{person.email}</td>
      <td>
        {canRun ? (
          <select
            aria-label={t('roleOf', { name: person.name })}
            value={person.role}
            onChange={({ target }) => {
              const role = roles.find((one) => one === target.value);
              if (role !== undefined) update({ role });
            }}
          >
            {roles.map((role) => (
              <option key={role} value={role}>
                {t(role)}
              </option>
            ))}
          </select>
        ) : (
          t(person.role)
        )}
      </td>
      <td>
        {canRun && course.sections.length > 0 ? (
          <select
            aria-label={t('sectionOf', { name: person.name })}
            value={person.section ?? ''}
            onChange={({ target }) => update({ section: target.value === '' ? null : target.value })}
          >
            <option value="">{t('noSection')}</option>
            {course.sections.map((one) => (
              <option key={one.section_id} value={one.section_id}>
                {one.title}
              </option>
            ))}
          </select>
        ) : (
          (sectionTitle ?? person.section ?? '—')
        )}
      </td>
      <td>
        {canRun && (
          <ConfirmButton
            className="button small danger"
            label={t('remove')}
            about={person.name}
            question={t('removeQuestion', { name: person.name })}
            onConfirm={() => void change(() => callApi('removeCoursePerson', { params }))}
          />
        )}
      </td>
    </tr>
  );
}
