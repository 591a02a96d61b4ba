import type { CriterionResult, GradeDecide } from '@cloudemy/contracts';
import { manipulationTag, reviewTags } from '@cloudemy/grading';
import { ProblemError } from '@cloudemy/service';
import type { StoredSubmission } from '../submissions/model.js';
import { gradeOf } from './grade.js';
import type { GradeContent } from './in-force.js';

type Decision = Pick<GradeDecide, 'criteria' | 'score' | 'feedback'>;

/**
 * The grade as a person decides it: what they do not name stays. A submission without a grade gets one, if the whole is
 * decided or every criterion.
 *
 * @throws ProblemError `invalid_request`, `conflict`
 */
export function decidedContent(
  current: StoredSubmission,
  { criteria = [], score, feedback }: Decision,
): Omit<GradeContent, 'decision_id'> {
  const base = baseOf(current);
  assertKnown(criteria, base.criteria);
  if (!base.isGrade && score === undefined && criteria.length < base.criteria.length) {
    throw new ProblemError('conflict', {
      detail:
        'There is no grade yet that the other criteria could stay of: decide all of them, or the score.',
    });
  }
  const byId = new Map(criteria.map((one) => [one.criterion_id, one]));
  const decided = base.criteria.map((one) => decidedCriterion(one, byId.get(one.criterion_id)));
  const sum = Number(decided.reduce((total, { points }) => total + points, 0).toFixed(6));
  // A whole that was decided before stays decided while nothing about its criteria is.
  const whole = score ?? (criteria.length > 0 ? sum : base.score);
  if (whole > base.max_score) throw tooMuch('score', base.max_score);
  return {
    attempt: base.attempt,
    assignment_version: base.assignment_version,
    max_score: base.max_score,
    score: whole,
    fail_tags: tagsAfter(current, decided, base.fail_tags),
    feedback: feedback ?? base.feedback,
    criteria: decided,
  };
}

function baseOf(current: StoredSubmission) {
  const grade = gradeOf(current);
  const { attempt, max_score, assignment } = current;
  if (grade !== null) {
    const { feedback = null, criteria = [] } = grade;
    return { ...grade, feedback, criteria, isGrade: true };
  }
  const ungraded = assignment.rubric.criteria.map(({ criterion_id, title, points }): CriterionResult => ({
    criterion_id,
    title,
    met: false,
    points: 0,
    max_points: points,
    reason: '',
    evidence: null,
  }));
  return {
    attempt,
    max_score,
    assignment_version: assignment.version,
    score: 0,
    fail_tags: [],
    feedback: null,
    criteria: ungraded,
    isGrade: false,
  };
}

function assertKnown(decided: NonNullable<Decision['criteria']>, known: readonly CriterionResult[]): void {
  for (const [at, { criterion_id: id, points }] of decided.entries()) {
    const criterion = known.find((one) => one.criterion_id === id);
    if (criterion === undefined) {
      throw refused(
        `criteria[${at}].criterion_id`,
        `is none of ${known.map((one) => one.criterion_id).join(', ')}`,
      );
    }
    if (points > criterion.max_points) throw tooMuch(`criteria[${at}].points`, criterion.max_points);
  }
}

function decidedCriterion(
  before: CriterionResult,
  decided: NonNullable<Decision['criteria']>[number] | undefined,
): CriterionResult {
  if (decided === undefined) return before;
  const { met, points, reason } = before;
  return {
    ...before,
    points: decided.points,
    met: decided.points > 0,
    reason: decided.reason ?? reason,
    // What the grader said, however often people decide again.
    original: before.original ?? { met, points, reason },
  };
}

/** The rubric's tags as they follow from the criteria. Tags that ask a person to look have been answered by this one. */
function tagsAfter(
  { assignment }: StoredSubmission,
  criteria: readonly CriterionResult[],
  before: readonly string[],
): string[] {
  const { criteria: rubric } = assignment.rubric;
  const ofRubric = new Set(rubric.flatMap(({ fail_tag }) => fail_tag ?? []));
  const failed = rubric.flatMap(({ criterion_id: id, fail_tag }) =>
    criteria.some((one) => one.criterion_id === id && !one.met) ? (fail_tag ?? []) : [],
  );
  const others = before.filter(
    (tag) => !ofRubric.has(tag) && (tag === manipulationTag || !reviewTags.includes(tag)),
  );
  return [...new Set([...failed, ...others])];
}

const tooMuch = (path: string, most: number): ProblemError => refused(path, `must be at most ${most}`);

function refused(path: string, reason: string): ProblemError {
  return new ProblemError('invalid_request', {
    detail: `body ${path} ${reason}.`,
    errors: [{ in: 'body', path, reason }],
  });
}
