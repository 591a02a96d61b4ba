import type { Metadata } from 'next';
import Link from 'next/link';
import { getTranslations } from 'next-intl/server';
import { JoinCourse } from '../../courses/join-course.tsx';
import { NewCourse } from '../../courses/new-course.tsx';
import { has, loadSignedIn, reader } from '../../data/server.ts';
import { Empty } from '../../parts/empty.tsx';
import { TroublePage } from '../../parts/trouble.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('course'))('courses') };
}

/** The courses that one is in. */
export default async function CoursesPage({
  searchParams,
}: {
  searchParams: Promise<{ archived?: string }>;
}) {
  const { archived } = await searchParams;
  const isArchive = archived === 'true';
  const [loaded, { me }, t] = await Promise.all([
    loadSignedIn(({ backend }) =>
      backend.listCourses({ query: { limit: 200, archived: isArchive ? 'true' : 'false' } }),
    ),
    reader(),
    getTranslations('course'),
  ]);
  if (!loaded.ok) return <TroublePage trouble={loaded.trouble} />;
  const { items } = loaded.value;
  const canTeach = has(me, 'instructor');
  return (
    <main id="main">
      <div className="head">
        <div>
          <h1>{t('courses')}</h1>
        </div>
        <nav className="row tabs" aria-label={t('which')}>
          {([false, true] as const).map((old) => (
            <Link
              key={String(old)}
              href={old ? '/courses?archived=true' : '/courses'}
              prefetch={false}
              {...(old === isArchive ? { 'aria-current': 'page' as const } : {})}
            >
              {old ? t('archived') : t('live')}
            </Link>
          ))}
        </nav>
      </div>
      {items.length === 0 ? (
        <Empty title={t('none')}>
          <p className="muted">{canTeach ? t('noneTeacher') : t('noneStudent')}</p>
        </Empty>
      ) : (
        <ul className="plain-list cards">
          {items.map((course) => (
            <li key={course.course_id} className="card">
              <h2>
                <Link href={`/courses/${course.course_id}`} prefetch={false}>
                  {course.title}
                </Link>
              </h2>
              <p className="row">
                {course.term !== null && <span className="muted">{course.term}</span>}
                {course.my_role !== null && <span className="tag">{t(course.my_role)}</span>}
              </p>
            </li>
          ))}
        </ul>
      )}
      <div className="cards">
        <section className="card" aria-label={t('join')}>
          <h2>{t('join')}</h2>
          <JoinCourse />
        </section>
        {canTeach && (
          <section className="card" aria-label={t('new')}>
            <h2>{t('new')}</h2>
            <NewCourse />
          </section>
        )}
      </div>
    </main>
  );
}
