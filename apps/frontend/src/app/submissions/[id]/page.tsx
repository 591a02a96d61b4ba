import type { Metadata } from 'next';
import Link from 'next/link';
import { getTranslations } from 'next-intl/server';
import type { ReviewRequest, Submission } from '@cloudemy/contracts';
import { type Clients, has, loadSignedIn, reader } from '../../../data/server.ts';
import { Prose } from '../../../parts/markdown.tsx';
import { Time } from '../../../parts/time.tsx';
import { TroublePage } from '../../../parts/trouble.tsx';
import { CodeView } from '../../../submissions/code-view.tsx';
import { Criteria } from '../../../submissions/criteria.tsx';
import { Attempts, Changes } from '../../../submissions/history.tsx';
import { LiveState } from '../../../submissions/live-state.tsx';
import { Marking } from '../../../submissions/marking.tsx';
import { marksOf } from '../../../submissions/marks.ts';
import { PickedBar } from '../../../submissions/picked-bar.tsx';
import {
  AnswerReview,
  AskForReview,
  CommentForm,
  DecideGrade,
  RegradeButton,
  UndoGrade,
} from '../../../submissions/review-forms.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('submission'))('title') };
}

const all =
  (submission_id: string) =>
  async ({ backend }: Clients) => {
    const params = { submission_id };
    const [submission, comments, requests, changes] = await Promise.all([
      backend.getSubmission({ params }),
      backend.listComments({ params }),
      backend.listReviewRequests({ params }),
      backend.listGradeChanges({ params }),
    ]);
    const { assignment_id } = submission;
    const assignment = await backend.getAssignment({ params: { assignment_id } });
    return {
      submission,
      assignment,
      comments: comments.items,
      requests: requests.items,
      changes: changes.items,
    };
  };

export default async function SubmissionPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const [loaded, { me }, t] = await Promise.all([
    loadSignedIn(all(id)),
    reader(),
    getTranslations('submission'),
  ]);
  if (!loaded.ok) return <TroublePage trouble={loaded.trouble} />;
  const { submission, assignment, comments, requests, changes } = loaded.value;
  const { criteria, files, grade } = submission;
  const isOwner = me?.user_id === submission.user_id;
  const isTeacher = has(me, 'instructor') && (me?.user_id === assignment.owner_id || has(me));
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
      <Marking marks={marksOf(submission)}>
        <section aria-label={t('code')}>
          <CodeView submissionId={id} files={files} comments={comments} />
          <PickedBar
            actions={[
              ...(isOwner && grade !== null ? [{ label: t('askHere'), form: 'ask' }] : []),
              ...(isTeacher ? [{ label: t('commentHere'), form: 'comment' }] : []),
            ]}
          />
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
        <details className="card" id="ask">
          <summary>{t('askTitle')}</summary>
          <AskForReview submissionId={id} criteria={criteria} files={readable(submission)} />
        </details>
      )}
      {isTeacher && <TeacherTools submission={submission} canUndo={changes.length > 1} />}
      <Attempts submission={submission} />
      <Changes changes={changes} meId={me?.user_id} />
    </main>
  );
}

/** Files with lines to speak of. */
const readable = ({ files }: Submission): string[] =>
  files.flatMap(({ path, content }) => (content === null ? [] : [path]));

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
          {request.lines !== null && (
            <p className="hint">
              {request.lines.file}:{' '}
              {t('commentOn', { from: request.lines.start_line, to: request.lines.end_line })}
            </p>
          )}
          <p className="kept-lines">{request.text}</p>
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

async function TeacherTools({ submission, canUndo }: { submission: Submission; canUndo: boolean }) {
  const t = await getTranslations('submission');
  const { submission_id, criteria, grade } = submission;
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
        <details className="card" id="comment">
          <summary>{t('commentTitle')}</summary>
          <CommentForm submissionId={submission_id} files={readable(submission)} />
        </details>
        <details className="card">
          <summary>{t('regradeTitle')}</summary>
          <RegradeButton submissionId={submission_id} />
        </details>
        {grade !== null && canUndo && (
          <details className="card">
            <summary>{t('undoTitle')}</summary>
            <UndoGrade submissionId={submission_id} version={grade.version} />
          </details>
        )}
      </div>
    </section>
  );
}
