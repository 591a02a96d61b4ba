import { isFinal } from '@cloudemy/contracts';
import { type EventStream, type Logger, notFound, openEventStream } from '@cloudemy/service';
import type { Response } from 'express';
import { objectId } from '@cloudemy/mongo';
import type { StoredSubmission, SubmissionModel } from '../submissions/model.js';
import { eventView } from '../submissions/view.js';
import type { SubmissionHub } from './hub.js';

type Progress = Pick<StoredSubmission, '_id' | 'status' | 'seq' | 'history'>;

/** Follows submissions for readers: history first, then what comes, until the final state. */
export class SubmissionStreams {
  private readonly submissions: SubmissionModel;
  private readonly hub: SubmissionHub;
  private readonly log: Logger;

  constructor(submissions: SubmissionModel, hub: SubmissionHub, log: Logger) {
    this.submissions = submissions;
    this.hub = hub;
    this.log = log;
  }

  /**
   * @param after the last `seq` the reader has
   * @returns false, with nothing written, when nothing will follow it
   * @throws ProblemError `not_found`
   */
  async follow(submissionId: string, after: number, res: Response): Promise<boolean> {
    // Listening before reading: what happens in between is heard.
    const wake = new Wake();
    const unwatch = this.hub.watch(
      submissionId,
      (seq) => {
        wake.reached(seq);
      },
      () => {
        wake.stop();
      },
    );
    try {
      const first = await this.read(submissionId);
      if (first === null) throw notFound('submission', submissionId);
      if (isFinal(first.status) && after >= first.seq) return false;
      res.once('close', () => {
        wake.stop();
      });
      // An id that was never given counts as the last one: what comes after it is still news.
      await this.run(openEventStream(res), first, Math.min(after, first.seq), wake);
      return true;
    } finally {
      unwatch();
    }
  }

  private async run(stream: EventStream, first: Progress, after: number, wake: Wake): Promise<void> {
    let sent = after;
    for (let now: Progress | null = first; now !== null; now = await this.next(now, wake)) {
      for (const entry of now.history.filter(({ seq }) => seq > sent)) {
        const event = eventView(String(now._id), entry, entry.seq === now.seq);
        const reading = await stream.send({
          event: 'status',
          id: String(entry.seq),
          data: JSON.stringify(event),
        });
        if (!reading) return;
        sent = entry.seq;
      }
      if (isFinal(now.status)) break;
      wake.saw(now.seq);
    }
    stream.end();
  }

  /** The next state worth sending; null when the stream is to end. */
  private async next(last: Progress, wake: Wake): Promise<Progress | null> {
    while (await wake.wait()) {
      try {
        return await this.read(String(last._id));
      } catch (error) {
        // The reader keeps its stream: the poll wakes it when MongoDB is back.
        this.log.warn({ err: error, submission_id: String(last._id) }, 'a stream could not read on');
        wake.forget();
      }
    }
    return null;
  }

  private read(submissionId: string): Promise<Progress | null> {
    return this.submissions
      .findById(objectId(submissionId), { status: 1, seq: 1, history: 1 })
      .lean<Progress>()
      .exec();
  }
}

/** Sleeps until a submission has moved on. Any amount of news is one waking, so a slow reader costs nothing. */
class Wake {
  private seen = 0;
  private known = 0;
  private stopped = false;
  private resume: (() => void) | undefined;

  reached(seq: number): void {
    this.known = Math.max(this.known, seq);
    if (this.known > this.seen) this.resume?.();
  }

  /** This much has been read; more that was heard meanwhile still wakes. */
  saw(seq: number): void {
    this.seen = seq;
  }

  /** Sleeps again although there is news, until it is told anew. */
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
