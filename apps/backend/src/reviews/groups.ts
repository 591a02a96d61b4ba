import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type ReviewGroup, type ReviewGroups, maxGrouped } from '@cloudemy/contracts';
import { likenessOf } from '@cloudemy/grading';
import { objectId } from '@cloudemy/mongo';
import { partsIn } from '../files/view.js';
import { gradeOf, gradeView } from '../grades/grade.js';
import type { StoredSubmission, SubmissionCollection } from '../submissions/model.js';
import { causeOfTag } from './queue.js';

/** What a submission is compared by. */
const compared = {
  code: 1,
  language: 1,
  files: 1,
  status: 1,
  attempt: 1,
  max_score: 1,
  finished_at: 1,
  'assignment.version': 1,
  grade: 1,
  // Grades of earlier versions stand beside the attempt.
  score: 1,
  fail_tags: 1,
  criteria: 1,
} as const;

/** Submissions between two turns of the event loop: reading code takes milliseconds. */
const perTurn = 20;

/** Puts like submissions of an assignment together. */
export class ReviewGrouping {
  private readonly submissions: SubmissionCollection;

  constructor(submissions: SubmissionCollection) {
    this.submissions = submissions;
  }

  /** The largest first. Read one by one: the code of all of them at a time would be too much to hold. */
  async list(assignmentId: string, limit: number): Promise<ReviewGroups> {
    const found = this.submissions.find<StoredSubmission>(
      {
        assignment_id: objectId(assignmentId),
        status: 'graded',
        'grade.source': { $ne: 'decided' },
      },
      { projection: compared, sort: { _id: -1 }, limit: maxGrouped },
    );
    const groups = new Map<string, ReviewGroup>();
    let read = 0;
    for await (const submission of found) {
      read += 1;
      if (read % perTurn === 0) await nextTurn();
      add(groups, submission);
    }
    const all = [...groups.values()].toSorted(
      (a, b) => b.submissions.length - a.submissions.length || (a.group_id < b.group_id ? -1 : 1),
    );
    return { items: all.slice(0, limit), groups: all.length, submissions: read };
  }
}

function add(groups: Map<string, ReviewGroup>, submission: StoredSubmission): void {
  const grade = gradeOf(submission);
  const version = gradeView(grade)?.version;
  if (grade === null || version === undefined) return;
  const { score, max_score, criteria = [], fail_tags: tags } = grade;
  const handed = { ...submission, files: partsIn(submission.files) };
  const verdicts = criteria.map((one) => [one.criterion_id, one.points, one.max_points]);
  const id = createHash('sha256')
    .update(JSON.stringify([score, max_score, tags.toSorted(), verdicts, likenessOf(handed)]))
    .digest('hex')
    .slice(0, 24);
  const member = { submission_id: String(submission._id), grade_version: version };
  const known = groups.get(id);
  if (known !== undefined) {
    known.submissions.push(member);
    return;
  }
  groups.set(id, {
    group_id: id,
    score,
    max_score,
    causes: [...new Set(tags.flatMap((tag) => causeOfTag[tag] ?? []))],
    criteria: criteria.map(({ criterion_id, title, points, max_points }) => ({
      criterion_id,
      ...(title === undefined ? {} : { title }),
      points,
      max_points,
    })),
    submissions: [member],
  });
}
