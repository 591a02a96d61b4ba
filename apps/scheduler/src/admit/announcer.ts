import { randomUUID } from 'node:crypto';
import {
  type Hold,
  announceEveryMs,
  announceScript,
  announcedForMs,
  schedulersKey,
} from '@cloudemy/contracts';
import type { Redis } from 'ioredis';

/** Tells the backend that this replica is there, and why it takes nothing, for submitters to read. */
export class Announcer {
  private readonly id = randomUUID();
  private sending = false;
  private timer: NodeJS.Timeout | undefined;

  private readonly redis: Pick<Redis, 'eval' | 'hdel' | 'status'>;
  private readonly hold: () => Hold | undefined;

  constructor(redis: Pick<Redis, 'eval' | 'hdel' | 'status'>, hold: () => Hold | undefined) {
    this.redis = redis;
    this.hold = hold;
  }

  start(): void {
    this.timer ??= setInterval(() => void this.announce(), announceEveryMs);
    void this.announce();
  }

  /** Says it now. What is lost is said again. Never throws. */
  async announce(): Promise<void> {
    if (this.sending || this.redis.status !== 'ready') return;
    this.sending = true;
    const hold = this.hold();
    const said = hold === undefined ? '' : JSON.stringify(hold);
    await this.redis.eval(announceScript, 1, schedulersKey, this.id, announcedForMs, said).catch(() => {});
    this.sending = false;
  }

  /** Takes its word back. Never throws. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    if (this.redis.status === 'ready') await this.redis.hdel(schedulersKey, this.id).catch(() => {});
  }
}
