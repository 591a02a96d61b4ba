import type { GradedResult, Metrics, RunnerRecord } from '@cloudemy/contracts';
import { type Logger, errorFields } from '../log.js';
import { parseAnswer } from '../answer/parse.js';
import type { Meter } from '../model/meter.js';
import type { Model } from '../model/model.js';
import type { Reply } from '../model/provider.js';
import { type Answer, answerJsonSchema, answerReader, answerSchema } from '../prompt/answer.js';
import { type Message, gradingMessages, repairMessages } from '../prompt/messages.js';
import { GradingError } from './grading-error.js';
import { feedbackOf } from './feedback.js';
import { type ModelScore, evidenceFault, gradedOf, scoreOf } from './score.js';

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
  const score = scoreOf(answer, gradedOf(record));
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

async function askForAnswer(record: RunnerRecord, grader: Grader): Promise<Answer> {
  const messages: Message[] = gradingMessages(record);
  const first = await askOnce(messages, record, grader);
  if ('fault' in first) return await repaired(messages, first, record, grader);
  const fault = evidenceFault(first.answer, gradedOf(record));
  if (fault === undefined) return first.answer;
  try {
    return await repaired(messages, { reply: first.reply, fault }, record, grader);
  } catch (error) {
    if (!(error instanceof GradingError)) throw error;
    // Verdicts that stay so are taken, and tagged: a badly copying model is no reason to grade nothing.
    grader.log.warn('no better answer came; taking the first', errorFields(error));
    return first.answer;
  }
}

/** Says once what was wrong with an answer. */
async function repaired(
  messages: readonly Message[],
  first: { reply: Reply; fault: string },
  record: RunnerRecord,
  grader: Grader,
): Promise<Answer> {
  grader.log.warn(
    "the model's answer cannot be used; asking for a better one",
    describe(first.reply, first.fault),
  );
  grader.meter.repeated();
  const said = first.reply.texts[0] ?? '';
  const second = await askOnce([...messages, ...repairMessages(said, first.fault)], record, grader);
  if ('answer' in second) return second.answer;
  grader.log.warn("the model's second answer cannot be used either", describe(second.reply, second.fault));
  throw new GradingError(
    'llm_invalid_answer',
    `two answers that cannot be used: ${first.fault}; ${second.fault}`,
    // What comes out the same twice is no chance.
    { retryable: first.fault !== second.fault },
  );
}

/** One answer, with more room when it was cut. A whole one is taken although what follows it was cut. */
async function askOnce(messages: readonly Message[], record: RunnerRecord, { model, signal }: Grader) {
  const { rubric } = record.assignment;
  const jsonSchema = answerJsonSchema(answerSchema(rubric));
  const reader = answerReader(rubric);
  for (;;) {
    const reply = await model.ask(messages, jsonSchema, signal);
    const parsed = parseAnswer(reply.texts, reader, record);
    if ('answer' in parsed || reply.end !== 'cut') return { reply, ...parsed };
    if (!model.widen()) {
      throw new GradingError(
        'llm_answer_cut',
        'the answer was cut by its limit of tokens, and so was the next, with more; raise LLM_MAX_TOKENS or let the model think less',
      );
    }
  }
}

/** Longest part of an answer that is logged: enough to see what was put before the JSON. */
const maxLogged = 60;

/** What was wrong with an answer, for whoever runs the installation. */
const describe = ({ texts, end }: Reply, fault: string) => ({
  fault: fault.slice(0, 500),
  end,
  length: texts[0]?.length ?? 0,
  begins: (texts[0] ?? '').slice(0, maxLogged).toWellFormed(),
});

/** What the instructor may want to know beside the grade; the quotation is cut to what metrics can hold. */
function figuresOf({ evidenceMissing, manipulation }: ModelScore): Metrics {
  const quotation = manipulation.quotation?.slice(0, 500).toWellFormed();
  return {
    evidence_missing: evidenceMissing,
    ...(quotation === undefined ? {} : { manipulation_quotation: quotation }),
  };
}
