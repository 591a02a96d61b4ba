/** What time it is. */
export type Clock = () => Date;

export const ownClock: Clock = () => new Date();

/**
 * The time of MongoDB, carried on between two looks by a timer that nobody sets: the clock of this machine may be wrong,
 * or jump, and what it says would end the attempts of others or hold them back.
 */
export class DatabaseClock {
  private heard: { time: number; at: number } | undefined;

  /** The time now; this machine's own until MongoDB has told its time once. */
  readonly now: Clock = () =>
    this.heard === undefined
      ? new Date()
      : new Date(Math.round(this.heard.time + performance.now() - this.heard.at));

  /**
   * @param time what MongoDB said
   * @param askedAt when it was asked, by `performance.now()`
   */
  hear(time: Date, askedAt: number): void {
    const at = performance.now();
    // It was asked a moment ago: half the way there and back.
    this.heard = { time: time.getTime() + (at - askedAt) / 2, at };
  }
}
