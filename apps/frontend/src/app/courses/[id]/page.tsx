import type { Metadata } from 'next';
import Link from 'next/link';
import { getTranslations } from 'next-intl/server';
import { CourseRole } from '@cloudemy/contracts';
import type { Course } from '@cloudemy/contracts';
import { AddPerson } from '../../../courses/add-person.tsx';
import { CourseSettings } from '../../../courses/course-settings.tsx';
import { PeopleTable } from '../../../courses/people-table.tsx';
import { RosterUpload } from '../../../courses/roster-upload.tsx';
import { type Clients, has, loadSignedIn, reader } from '../../../data/server.ts';
import { TroublePage } from '../../../parts/trouble.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('course'))('course') };
}

interface Asked {
  role?: string;
  section?: string;
  search?: string;
  cursor?: string;
}

const all =
  (course_id: string, asked: Asked, isAdmin: boolean) =>
  async ({ backend }: Clients) => {
    const course = await backend.getCourse({ params: { course_id } });
    const seesPeople = isAdmin || course.my_role === 'instructor' || course.my_role === 'assistant';
    const role = CourseRole.safeParse(asked.role).data;
    const people = seesPeople
      ? await backend.listCoursePeople({
          params: { course_id },
          query: {
            limit: 100,
            ...(role === undefined ? {} : { role }),
            ...only('section', asked.section),
            ...only('search', asked.search?.trim()),
            ...only('cursor', asked.cursor),
          },
        })
      : undefined;
    return { course, people };
  };

const only = (name: 'section' | 'search' | 'cursor', value: string | undefined) =>
  value === undefined || value === '' ? {} : { [name]: value };

/** A course: who is in it, and how one comes into it. */
export default async function CoursePage({
  params,
  searchParams,
}: {
  params: Promise<{ id: string }>;
  searchParams: Promise<Asked>;
}) {
  const [{ id }, asked, { me }] = await Promise.all([params, searchParams, reader()]);
  const [loaded, t] = await Promise.all([loadSignedIn(all(id, asked, has(me))), getTranslations('course')]);
  if (!loaded.ok) return <TroublePage trouble={loaded.trouble} />;
  const { course, people } = loaded.value;
  const canRun = course.my_role === 'instructor' || has(me);
  return (
    <main id="main">
      <div className="head">
        <div>
          <p>
            <Link href="/courses" prefetch={false}>
              {t('courses')}
            </Link>
          </p>
          <h1>{course.title}</h1>
          <p className="row">
            {course.term !== null && <span className="muted">{course.term}</span>}
            {course.my_role !== null && <span className="tag">{t(course.my_role)}</span>}
            {course.archived_at !== null && <span className="tag warn">{t('isArchived')}</span>}
          </p>
        </div>
        {people !== undefined && (
          <Link className="button main" href={`/courses/${id}/grades`} prefetch={false}>
            {t('gradeBook')}
          </Link>
        )}
      </div>
      {people === undefined ? (
        <p className="muted">{t('studentLead')}</p>
      ) : (
        <section className="stack-s" aria-label={t('people')}>
          <h2>{t('people')}</h2>
          <Filters course={course} asked={asked} />
          {people.items.length === 0 ? (
            <p className="muted">{t('noPeople')}</p>
          ) : (
            <PeopleTable course={course} people={people.items} canRun={canRun} meId={me?.user_id} />
          )}
          {people.next_cursor !== null && (
            <p>
              <Link
                className="button"
                prefetch={false}
                href={`/courses/${id}?${new URLSearchParams({ ...asked, cursor: people.next_cursor })}`}
              >
                {t('more')}
              </Link>
            </p>
          )}
        </section>
      )}
      {canRun && (
        <div className="cards">
          <section className="card" aria-label={t('roster')}>
            <h2>{t('roster')}</h2>
            <RosterUpload courseId={id} />
          </section>
          <section className="card" aria-label={t('add')}>
            <h2>{t('add')}</h2>
            <AddPerson course={course} />
          </section>
          <CourseSettings course={course} />
        </div>
      )}
    </main>
  );
}

/** A form without script: what is asked for stands in the address. */
async function Filters({ course, asked }: { course: Course; asked: Asked }) {
  const t = await getTranslations('course');
  return (
    <form className="row" aria-label={t('filter')}>
      <label className="field grow">
        <span>{t('search')}</span>
        <input name="search" type="search" maxLength={100} defaultValue={asked.search} />
      </label>
      <label className="field">
        <span>{t('role')}</span>
        <select name="role" defaultValue={asked.role ?? ''}>
          <option value="">{t('everyone')}</option>
          {CourseRole.options.map((role) => (
            <option key={role} value={role}>
              {t(role)}
            </option>
          ))}
        </select>
      </label>
      {course.sections.length > 0 && (
        <label className="field">
          <span>{t('section')}</span>
          <select name="section" defaultValue={asked.section ?? ''}>
            <option value="">{t('everySection')}</option>
            {course.sections.map((one) => (
              <option key={one.section_id} value={one.section_id}>
                {one.title}
              </option>
            ))}
          </select>
        </label>
      )}
      <button className="button">{t('show')}</button>
    </form>
  );
}
