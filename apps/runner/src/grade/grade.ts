import type { GradedResult, Metrics, RunnerRecord } from '@cloudemy/contracts';
import type { Logger } from '../log.js';
import { type Answer, answerJsonSchema, answerSchema } from '../prompt/answer.js';
import { type Message, gradingMessages, repairMessages } from '../prompt/messages.js';
import { GradingError } from './grading-error.js';
import { feedbackOf } from './feedback.js';
import type { Meter } from './meter.js';
import type { Model } from './model.js';
import { parseAnswer } from './parse.js';
import { type Score, isUnfounded, scoreOf } from './score.js';

export interface Grader {
  model: Model;
  meter: Meter;
  log: Logger;
  signal: AbortSignal;
}

/**
 * Grades one submission: the model decides per criterion, the code adds up.
 * @throws GradingError when there is no usable answer; the signal's reason when aborted.
 */
export async function gradeSubmission(record: RunnerRecord, grader: Grader): Promise<GradedResult> {
  const { rubric } = record.assignment;
  grader.log.info('grading', { criteria: rubric.criteria.length });
  const answer = await askForAnswer(record, grader);
  const score = scoreOf(answer, rubric, record.code);
  grader.log.info('graded', {
    score: score.score,
    max_score: score.max_score,
    fail_tags: score.fail_tags,
    evidence_missing: score.evidenceMissing,
  });
  return {
    status: 'graded',
    attempt: record.attempt,
    score: score.score,
    max_score: score.max_score,
    fail_tags: score.fail_tags,
    feedback: feedbackOf(answer.summary, score, rubric),
    criteria: score.criteria,
    metrics: { ...grader.meter.read(), ...figuresOf(score) },
  };
}

/** Said once. Verdicts that stay so are taken, and tagged: a badly copying model is no reason to grade nothing. */
const unfounded =
  'nothing that it quotes as evidence occurs in the submission; judge the code between the marks, and copy letter by letter';

async function askForAnswer(record: RunnerRecord, { model, meter, log, signal }: Grader): Promise<Answer> {
  const { rubric } = record.assignment;
  const schema = answerSchema(rubric);
  const jsonSchema = answerJsonSchema(schema);
  const messages: Message[] = gradingMessages(record);

  const first = await model.ask(messages, jsonSchema, signal);
  const parsed = parseAnswer(first, schema, rubric);
  if ('answer' in parsed && !isUnfounded(parsed.answer, record.code)) return parsed.answer;
  const fault = 'fault' in parsed ? parsed.fault : unfounded;

  log.warn("the model's answer cannot be used; asking for a better one");
  meter.repeated();
  const second = await model.ask([...messages, ...repairMessages(first, fault)], jsonSchema, signal);
  const repaired = parseAnswer(second, schema, rubric);
  if ('answer' in repaired) return repaired.answer;
  throw new GradingError('llm_invalid_answer', 'the model gave two answers that cannot be used');
}

/** What the instructor may want to know beside the grade; the quotation is cut to what metrics can hold. */
function figuresOf({ evidenceMissing, manipulation }: Score): Metrics {
  const quotation = manipulation.quotation?.slice(0, 500).toWellFormed();
  return {
    evidence_missing: evidenceMissing,
    ...(quotation === undefined ? {} : { manipulation_quotation: quotation }),
  };
}
