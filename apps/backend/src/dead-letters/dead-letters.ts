import { createHash } from 'node:crypto';
import { type DeadLetter, type DeadLetterReport, type Failure, failure, isFinal } from '@cloudemy/contracts';
import { cutPage, decodeCursor, isDuplicateKey, newId, objectId } from '@cloudemy/mongo';
import { ProblemError, notFound } from '@cloudemy/service';
import type { SubmissionCollection } from '../submissions/model.js';
import { type TransitionService, failing } from '../submissions/transition-service.js';
import { type SubmissionSnapshot, snapshotOnly } from '../submissions/transition.js';
import type { Regrading } from '../submissions/regrading.js';
import type { DeadLetterModel, StoredDeadLetter } from './model.js';

/** Keeps messages that could not be worked on, and has their submissions graded again when told to. */
export class DeadLetters {
  private readonly letters: DeadLetterModel;
  private readonly submissions: SubmissionCollection;
  private readonly transitions: TransitionService;
  private readonly regrading: Regrading;

  constructor(
    letters: DeadLetterModel,
    submissions: SubmissionCollection,
    transitions: TransitionService,
    regrading: Regrading,
  ) {
    this.letters = letters;
    this.submissions = submissions;
    this.transitions = transitions;
    this.regrading = regrading;
  }

  /**
   * Keeps a letter, now or before, and ends the submission it is about. A crash between the two is healed by
   * reporting it again.
   */
  async report(
    { cause, ...report }: DeadLetterReport,
    source: StoredDeadLetter['source'],
  ): Promise<DeadLetter> {
    const letter = await this.keep(report, source);
    const about = letter.submission_id === null ? null : await this.find(letter.submission_id.toHexString());
    if (about !== null) {
      const end = failing(about._id, letter.attempt ?? about.attempt, source, failures[cause]);
      await this.transitions.apply({ ...end, retry: false }, about);
    }
    return view(letter);
  }

  async list({ limit, cursor }: { limit: number; cursor?: string | undefined }) {
    const after = decodeCursor('dead-letters', {}, cursor);
    const rows = await this.letters
      .find(after === undefined ? {} : { _id: { $lt: after } })
      .sort({ _id: -1 })
      .limit(limit + 1)
      .lean<StoredDeadLetter[]>();
    return cutPage(rows, limit, 'dead-letters', {}, view);
  }

  /**
   * Has the submission graded again, now or before.
   *
   * @throws ProblemError `not_found`; `conflict` when there is nothing to grade, or it has moved on meanwhile
   */
  async replay(deadLetterId: string, requestId: string): Promise<DeadLetter> {
    const letter = await this.letters.findById(objectId(deadLetterId)).lean<StoredDeadLetter>();
    if (letter === null) throw notFound('dead letter', deadLetterId);
    if (letter.replayed_at !== null) return view(letter);
    if (letter.submission_id === null) throw conflict('It does not say which submission it is about.');
    const about = await this.find(String(letter.submission_id));
    if (about === null) throw conflict('The submission it is about does not exist.');
    if (letter.attempt !== null && about.attempt !== letter.attempt) throw movedOn(about);
    if (!isFinal(about.status)) throw movedOn(about);
    const { decision } = await this.regrading.begin(about, {
      actor: 'operator',
      origin: { requestId, traceparent: null },
      reason: 'Its dead letter was replayed',
    });
    if (decision !== 'apply') throw movedOn(about);
    const replayed = { ...letter, replayed_at: new Date() };
    await this.letters.updateOne({ _id: letter._id }, { $set: { replayed_at: replayed.replayed_at } });
    return view(replayed);
  }

  private async keep(
    report: Omit<DeadLetterReport, 'cause'>,
    source: StoredDeadLetter['source'],
  ): Promise<StoredDeadLetter> {
    const { submission_id: about, ...told } = report;
    const { id, createdAt } = newId();
    const letter: StoredDeadLetter = {
      ...told,
      _id: id,
      fingerprint: createHash('sha256').update(`${told.queue_job}\n${told.payload}`).digest('base64url'),
      submission_id: about === null ? null : objectId(about),
      source,
      created_at: createdAt,
      replayed_at: null,
    };
    try {
      await this.letters.create(letter);
      return letter;
    } catch (error) {
      const { fingerprint } = letter;
      const first = isDuplicateKey(error)
        ? await this.letters.findOne({ fingerprint }).lean<StoredDeadLetter>()
        : null;
      if (first === null) throw error;
      return first;
    }
  }

  private find(submissionId: string): Promise<SubmissionSnapshot | null> {
    return this.submissions.findOne<SubmissionSnapshot>({ _id: objectId(submissionId) }, snapshotOnly);
  }
}

/** What a submission fails with, by what was wrong with its message. */
const failures: Record<DeadLetterReport['cause'], Failure> = {
  damaged: failure('internal_error', {
    sentence: 'The message that was to start the grading was damaged. It is kept; an operator can replay it',
    retryable: false,
  }),
  given_up: failure('queue_timeout'),
};

const conflict = (detail: string): ProblemError => new ProblemError('conflict', { detail });

function movedOn({ attempt, status }: SubmissionSnapshot): ProblemError {
  return conflict(`The submission has moved on: attempt ${attempt} is ${status}.`);
}

function view(letter: StoredDeadLetter): DeadLetter {
  return {
    dead_letter_id: String(letter._id),
    queue_job: letter.queue_job,
    payload: letter.payload,
    reason: letter.reason,
    submission_id: letter.submission_id === null ? null : String(letter.submission_id),
    attempt: letter.attempt,
    source: letter.source,
    created_at: letter.created_at.toISOString(),
    replayed_at: letter.replayed_at?.toISOString() ?? null,
  };
}
