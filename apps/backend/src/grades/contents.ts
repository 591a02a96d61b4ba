import { objectId } from '@cloudemy/mongo';
import { type ResultCollection, type StoredResult, resultId } from '../results/model.js';
import type { StoredGradeStep, StoredSubmission } from '../submissions/model.js';
import type { DecisionCollection } from './decisions.js';
import type { GradeContent } from './in-force.js';

/** Finds what a grade said that was in force once: in the result of its attempt, or in a person's decision. */
export class GradeContents {
  private readonly results: ResultCollection;
  private readonly decisions: DecisionCollection;

  constructor(results: ResultCollection, decisions: DecisionCollection) {
    this.results = results;
    this.decisions = decisions;
  }

  /** Null when it is not kept. */
  async of(submissionId: StoredSubmission['_id'], step: StoredGradeStep): Promise<GradeContent | null> {
    if (step.decision_id === null) return this.ofAttempt(submissionId, step);
    const found = await this.decisions.findOne({ _id: objectId(step.decision_id) });
    return found === null ? null : { ...found.content, decision_id: step.decision_id };
  }

  /** What the grader said of an attempt. */
  async ofAttempt(
    submissionId: StoredSubmission['_id'],
    { attempt, assignment_version, score, max_score }: Omit<StoredGradeStep, 'source' | 'decision_id'>,
  ): Promise<GradeContent | null> {
    const result = await this.result(submissionId, attempt);
    if (result?.verdict.kind !== 'graded') return null;
    const { fail_tags, feedback, criteria } = result.verdict.result;
    return {
      attempt,
      assignment_version,
      score,
      max_score,
      fail_tags,
      feedback,
      criteria,
      decision_id: null,
    };
  }

  result(submissionId: StoredSubmission['_id'], attempt: number): Promise<StoredResult | null> {
    const accepted = { _id: resultId(String(submissionId), attempt), accepted: { $ne: false } };
    return this.results.findOne(accepted, { projection: { record: 0 } });
  }
}
