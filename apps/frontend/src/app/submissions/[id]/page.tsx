import type { Metadata } from 'next';
import Link from 'next/link';
import { getTranslations } from 'next-intl/server';
import type { ReviewRequest, Submission } from '@cloudemy/contracts';
import { type Clients, has, loadSignedIn, reader } from '../../../data/server.ts';
import { Prose } from '../../../parts/markdown.tsx';
import { StatusTag } from '../../../parts/status-tag.tsx';
import { Time } from '../../../parts/time.tsx';
import { TroublePage } from '../../../parts/trouble.tsx';
import { CodeView } from '../../../submissions/code-view.tsx';
import { Criteria } from '../../../submissions/criteria.tsx';
import { LiveState } from '../../../submissions/live-state.tsx';
import { Marking } from '../../../submissions/marking.tsx';
import {
  AnswerReview,
  AskForReview,
  CommentForm,
  DecideGrade,
  RegradeButton,
} from '../../../submissions/review-forms.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('submission'))('title') };
}

const all =
  (submission_id: string) =>
  async ({ backend }: Clients) => {
    const params = { submission_id };
    const [submission, comments, requests] = await Promise.all([
      backend.getSubmission({ params }),
      backend.listComments({ params }),
      backend.listReviewRequests({ params }),
    ]);
    const { assignment_id } = submission;
    const assignment = await backend.getAssignment({ params: { assignment_id } });
    return { submission, assignment, comments: comments.items, requests: requests.items };
  };

export default async function SubmissionPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const [loaded, { me }, t] = await Promise.all([
    loadSignedIn(all(id)),
    reader(),
    getTranslations('submission'),
  ]);
  if (!loaded.ok) return <TroublePage trouble={loaded.trouble} />;
  const { submission, assignment, comments, requests } = loaded.value;
  const { criteria, files, grade } = submission;
  const isOwner = me?.user_id === submission.user_id;
  const isTeacher = has(me, 'instructor') && (me?.user_id === assignment.owner_id || has(me));
  const marks = criteria.flatMap(({ criterion_id, file, start_line, end_line }) =>
    typeof start_line !== 'number'
      ? []
      : [
          {
            criterion: criterion_id,
            file: file ?? files[0]?.path ?? '',
            from: start_line,
            to: end_line ?? start_line,
          },
        ],
  );
  return (
    <main id="main" className="wide">
      <div className="head">
        <div>
          <p>
            <Link href={`/assignments/${assignment.assignment_id}`} prefetch={false}>
              {assignment.title}
            </Link>
          </p>
          <h1>{t('title')}</h1>
          <p className="muted">
            {t('handedIn')} <Time at={submission.created_at} />
          </p>
        </div>
        {grade !== null && (
          <p>
            <span className="figure">{t('score', { score: grade.score, max: grade.max_score })}</span>
          </p>
        )}
      </div>
      <LiveState
        first={{
          submission_id: submission.submission_id,
          status: submission.status,
          attempt: submission.attempt,
          queue: submission.queue,
          waiting: submission.waiting,
          failure: submission.failure,
        }}
        canCancel={isOwner || isTeacher}
      />
      <Marking marks={marks}>
        <section aria-label={t('code')}>
          <CodeView files={files} comments={comments} />
        </section>
        <section className="stack sticky" aria-label={t('grade')} tabIndex={0}>
          <h2>{t('grade')}</h2>
          {criteria.length === 0 && <p className="muted">{t('noGrade')}</p>}
          <Criteria criteria={criteria} />
          {submission.feedback !== null && submission.feedback !== '' && (
            <div className="card">
              <h3>{t('feedback')}</h3>
              <Prose text={submission.feedback} />
            </div>
          )}
          {submission.fail_tags.length > 0 && (
            <p className="row">
              {submission.fail_tags.map((tag) => (
                <span key={tag} className="tag warn">
                  {tag}
                </span>
              ))}
            </p>
          )}
        </section>
      </Marking>
      <Requests requests={requests} submission={submission} isTeacher={isTeacher} />
      {isOwner && grade !== null && (
        <details className="card">
          <summary>{t('askTitle')}</summary>
          <AskForReview submissionId={id} criteria={criteria} />
        </details>
      )}
      {isTeacher && <TeacherTools submission={submission} />}
      <Attempts submission={submission} />
    </main>
  );
}

interface RequestsProps {
  requests: readonly ReviewRequest[];
  submission: Submission;
  isTeacher: boolean;
}

async function Requests({ requests, submission, isTeacher }: RequestsProps) {
  const t = await getTranslations('submission');
  if (requests.length === 0) return null;
  const titleOf = (id: string | null): string =>
    id === null ? t('whole') : (submission.criteria.find((one) => one.criterion_id === id)?.title ?? id);
  return (
    <section className="stack" aria-label={t('requests')}>
      <h2>{t('requests')}</h2>
      {requests.map((request) => (
        <article key={request.request_id} className="card">
          <p className="row">
            <span className={`tag ${request.state === 'open' ? 'busy' : 'good'}`}>{t(request.state)}</span>
            <strong>{titleOf(request.criterion_id)}</strong>
            <Time at={request.created_at} />
          </p>
          <p>{request.text}</p>
          {request.answer !== null && (
            <div className="notice good">
              <p>{request.answer}</p>
              <p className="hint">{request.grade_changed === true ? t('changed') : t('unchanged')}</p>
            </div>
          )}
          {isTeacher && request.state === 'open' && (
            <AnswerReview submissionId={submission.submission_id} requestId={request.request_id} />
          )}
        </article>
      ))}
    </section>
  );
}

async function TeacherTools({ submission }: { submission: Submission }) {
  const t = await getTranslations('submission');
  const { submission_id, criteria, files, grade } = submission;
  return (
    <section className="stack" aria-label={t('teacher')}>
      <h2>{t('teacher')}</h2>
      <div className="cards">
        {grade !== null && (
          <details className="card">
            <summary>{t('decideTitle')}</summary>
            <DecideGrade submissionId={submission_id} criteria={criteria} version={grade.version} />
          </details>
        )}
        <details className="card">
          <summary>{t('commentTitle')}</summary>
          <CommentForm submissionId={submission_id} files={files.map(({ path }) => path)} />
        </details>
        <details className="card">
          <summary>{t('regradeTitle')}</summary>
          <RegradeButton submissionId={submission_id} />
        </details>
      </div>
    </section>
  );
}

async function Attempts({ submission: { attempts, grade } }: { submission: Submission }) {
  const t = await getTranslations('submission');
  return (
    <section className="stack-s" aria-label={t('attempts')}>
      <h2>{t('attempts')}</h2>
      <div className="card flush scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">{t('attempt')}</th>
              <th scope="col">{t('state')}</th>
              <th scope="col">{t('points')}</th>
              <th scope="col">{t('version')}</th>
              <th scope="col">{t('began')}</th>
            </tr>
          </thead>
          <tbody>
            {attempts.map((one) => (
              <tr key={one.attempt}>
                <th scope="row">
                  {one.attempt}{' '}
                  {grade?.attempt === one.attempt && <span className="tag good">{t('inForce')}</span>}
                </th>
                <td>
                  <StatusTag status={one.status} /> {one.failure?.message}
                </td>
                <td>{one.score === null ? '—' : t('pointsOf', { points: one.score, max: one.max_score })}</td>
                <td>{one.assignment_version}</td>
                <td>
                  <Time at={one.queued_at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
