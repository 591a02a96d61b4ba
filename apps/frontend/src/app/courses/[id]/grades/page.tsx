import type { Metadata } from 'next';
import Link from 'next/link';
import { getTranslations } from 'next-intl/server';
import { loadSignedIn, reader } from '../../../../data/server.ts';
import { GradeBook } from '../../../../grade-book/grade-book.tsx';
import { type Counting, rowsOf } from '../../../../grade-book/book.ts';
import { loadBook } from '../../../../grade-book/load.ts';
import { Empty } from '../../../../parts/empty.tsx';
import { TroublePage } from '../../../../parts/trouble.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('book'))('title') };
}

/** Students by assignments. */
export default async function GradesPage({
  params,
  searchParams,
}: {
  params: Promise<{ id: string }>;
  searchParams: Promise<{ counting?: string }>;
}) {
  const [{ id }, asked, { me }] = await Promise.all([params, searchParams, reader()]);
  const counting: Counting = asked.counting === 'last' ? 'last' : 'best';
  const [loaded, t] = await Promise.all([
    loadSignedIn(async (clients) => ({
      course: await clients.backend.getCourse({ params: { course_id: id } }),
      book: await loadBook(clients, id, me?.user_id),
    })),
    getTranslations('book'),
  ]);
  if (!loaded.ok) return <TroublePage trouble={loaded.trouble} />;
  const { course, book } = loaded.value;
  const rows = rowsOf(book.students, book.columns, book.submissions, counting);
  return (
    <main id="main" className="wide">
      <div className="head">
        <div>
          <p>
            <Link href={`/courses/${id}`} prefetch={false}>
              {course.title}
            </Link>
          </p>
          <h1>{t('title')}</h1>
          <p className="muted">{t('lead')}</p>
        </div>
        <nav className="row tabs" aria-label={t('counting')}>
          {(['best', 'last'] as const).map((one) => (
            <Link
              key={one}
              href={`/courses/${id}/grades?counting=${one}`}
              prefetch={false}
              {...(one === counting ? { 'aria-current': 'page' as const } : {})}
            >
              {t(one)}
            </Link>
          ))}
        </nav>
      </div>
      {rows.length === 0 ? (
        <Empty title={t('none')}>
          <p className="muted">{t('noneHint')}</p>
        </Empty>
      ) : (
        <GradeBook columns={book.columns} rows={rows} />
      )}
    </main>
  );
}
