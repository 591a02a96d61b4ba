import type { Actor } from '@cloudemy/auth';
import type { Comment, CommentCreate } from '@cloudemy/contracts';
import { type Clock, newId, objectId } from '@cloudemy/mongo';
import { ProblemError, notFound } from '@cloudemy/service';
import type { SubmissionCollection } from '../submissions/model.js';
import { assertLines } from './lines.js';
import type { CommentCollection, StoredComment } from './model.js';

const maxComments = 200;

/** What people say about lines of submissions. */
export class Comments {
  private readonly comments: CommentCollection;
  private readonly submissions: SubmissionCollection;
  private readonly now: Clock;

  constructor(comments: CommentCollection, submissions: SubmissionCollection, now: Clock) {
    this.comments = comments;
    this.submissions = submissions;
    this.now = now;
  }

  /** @throws ProblemError `not_found`, `invalid_request`, `quota_exceeded` */
  async create({ userId }: Actor, submissionId: string, body: CommentCreate): Promise<Comment> {
    const submission_id = objectId(submissionId);
    const submission = await this.submissions.findOne(
      { _id: submission_id },
      { projection: { code: 1, language: 1, files: 1 } },
    );
    if (submission === null) throw notFound('submission', submissionId);
    assertLines(submission, body, '');
    if ((await this.comments.countDocuments({ submission_id })) >= maxComments) {
      throw new ProblemError('quota_exceeded', {
        detail: `The submission has ${maxComments} comments already.`,
      });
    }
    const { id, createdAt } = newId(this.now());
    const comment: StoredComment = {
      _id: id,
      submission_id,
      ...body,
      author_id: objectId(userId),
      created_at: createdAt,
      resolved_by: null,
      resolved_at: null,
    };
    await this.comments.insertOne(comment);
    return view(comment);
  }

  async list(submissionId: string): Promise<Comment[]> {
    const found = this.comments.find({ submission_id: objectId(submissionId) }, { sort: { _id: 1 } });
    return (await found.toArray()).map(view);
  }

  /** Now or before. @throws ProblemError `not_found` */
  async resolve({ userId }: Actor, submissionId: string, commentId: string): Promise<Comment> {
    const which = { _id: objectId(commentId), submission_id: objectId(submissionId) };
    await this.comments.updateOne(
      { ...which, resolved_at: null },
      { $set: { resolved_by: objectId(userId), resolved_at: this.now() } },
    );
    const found = await this.comments.findOne(which);
    if (found === null) throw notFound('comment', commentId);
    return view(found);
  }
}

function view(comment: StoredComment): Comment {
  const { _id, submission_id: _, author_id, created_at, resolved_by, resolved_at, ...rest } = comment;
  return {
    ...rest,
    comment_id: String(_id),
    author_id: String(author_id),
    created_at: created_at.toISOString(),
    resolved_by: resolved_by === null ? null : String(resolved_by),
    resolved_at: resolved_at?.toISOString() ?? null,
  };
}
