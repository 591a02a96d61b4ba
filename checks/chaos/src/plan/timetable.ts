import { setTimeout as wait } from 'node:timers/promises';
import { type Fault, lengthOf } from './plan.js';

/**
 * Spreads submissions evenly over the faults, however long these take: ending a service gracefully takes as long
 * as it takes.
 */
export class Timetable {
  private readonly begun: PromiseWithResolvers<void>[];

  private readonly plan: readonly Fault[];
  private readonly submissions: number;

  constructor(plan: readonly Fault[], submissions: number) {
    this.plan = plan;
    this.submissions = submissions;

    this.begun = plan.map(() => Promise.withResolvers());
  }

  /** The fault of this number, from 0, begins now. */
  begin(fault: number): void {
    this.begun[fault]?.resolve();
  }

  /** Resolves when it is time for the submission of this number, from 0; at once without faults. */
  async turn(submission: number): Promise<void> {
    const place = (submission * this.plan.length) / this.submissions;
    const index = Math.floor(place);
    await this.begun[index]?.promise;
    await wait((place - index) * lengthOf(this.plan.slice(index, index + 1)));
  }
}
