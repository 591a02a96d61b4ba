import { isFinal } from '@cloudemy/contracts';
import { type Logger, type StreamEvent, notFound } from '@cloudemy/service';
import { type Projected, objectId, projectionOf } from '@cloudemy/mongo';
import { StoredSubmission, type SubmissionCollection } from '../submissions/model.js';
import { eventView } from '../submissions/view.js';
import type { SubmissionHub } from './hub.js';

const progressOnly = projectionOf(
  StoredSubmission,
  StoredSubmission.pick({ _id: true, status: true, seq: true, history: true }),
);
type Progress = Projected<typeof progressOnly>;

/** Follows submissions for readers: history first, then what comes, until the final state. */
export class SubmissionStreams {
  private readonly submissions: SubmissionCollection;
  private readonly hub: SubmissionHub;
  private readonly log: Logger;

  constructor(submissions: SubmissionCollection, hub: SubmissionHub, log: Logger) {
    this.submissions = submissions;
    this.hub = hub;
    this.log = log;
  }

  /**
   * @param after the last `seq` the reader has
   * @param gone aborted when nobody reads any more
   * @param sees whether the reader sees the grade, asked again with each piece of news
   * @returns undefined when nothing will follow it; nothing is watched before the first event is asked for
   * @throws ProblemError `not_found`
   */
  async follow(
    submissionId: string,
    after: number,
    gone: AbortSignal,
    sees: () => Promise<boolean>,
  ): Promise<AsyncIterable<StreamEvent> | undefined> {
    const first = await this.read(submissionId);
    if (first === null) throw notFound('submission', submissionId);
    if (isFinal(first.status) && after >= first.seq) return undefined;
    // An id that was never given counts as the last one: what comes after it is still news.
    return this.events(submissionId, Math.min(after, first.seq), gone, sees);
  }

  private async *events(
    id: string,
    after: number,
    gone: AbortSignal,
    sees: () => Promise<boolean>,
  ): AsyncGenerator<StreamEvent> {
    // Listening before reading: what happens in between is heard.
    const wake = new Wake();
    const stop = (): void => {
      wake.stop();
    };
    const unwatch = this.hub.watch(
      id,
      (seq) => {
        wake.reached(seq);
      },
      stop,
    );
    gone.addEventListener('abort', stop);
    if (gone.aborted) stop();
    try {
      yield* this.entries(id, after, wake, sees);
    } finally {
      gone.removeEventListener('abort', stop);
      unwatch();
    }
  }

  private async *entries(
    id: string,
    after: number,
    wake: Wake,
    sees: () => Promise<boolean>,
  ): AsyncGenerator<StreamEvent> {
    let sent = after;
    let now = await this.read(id);
    while (now !== null && !wake.isStopped) {
      const shown = await sees();
      for (const entry of now.history.filter(({ seq }) => seq > sent)) {
        const event = eventView(id, entry, shown, entry.seq === now.seq);
        yield { event: 'status', id: String(entry.seq), data: JSON.stringify(event) };
        sent = entry.seq;
      }
      if (isFinal(now.status)) return;
      wake.saw(now.seq);
      now = await this.next(id, wake);
    }
  }

  /** The next state worth sending; null when the stream is to end. */
  private async next(id: string, wake: Wake): Promise<Progress | null> {
    while (await wake.wait()) {
      try {
        return await this.read(id);
      } catch (error) {
        // The reader keeps its stream: the poll wakes it when MongoDB is back.
        this.log.warn({ err: error, submission_id: id }, 'a stream could not read on');
        wake.forget();
      }
    }
    return null;
  }

  private read(submissionId: string): Promise<Progress | null> {
    return this.submissions.findOne<Progress>({ _id: objectId(submissionId) }, progressOnly);
  }
}

/** Sleeps until a submission has moved on. Any amount of news is one waking, so a slow reader costs nothing. */
class Wake {
  private seen = 0;
  private known = 0;
  private stopped = false;
  private resume: (() => void) | undefined;

  get isStopped(): boolean {
    return this.stopped;
  }

  reached(seq: number): void {
    this.known = Math.max(this.known, seq);
    if (this.known > this.seen) this.resume?.();
  }

  /** This much has been read; more that was heard meanwhile still wakes. */
  saw(seq: number): void {
    this.seen = seq;
  }

  /** Sleeps again although there is news, until it is told again. */
  forget(): void {
    this.known = this.seen;
  }

  stop(): void {
    this.stopped = true;
    this.resume?.();
  }

  /** True when there is news, false when stopped. */
  async wait(): Promise<boolean> {
    if (!this.stopped && this.known <= this.seen) {
      await new Promise<void>((resolve) => {
        this.resume = resolve;
      });
      this.resume = undefined;
    }
    return !this.stopped;
  }
}
