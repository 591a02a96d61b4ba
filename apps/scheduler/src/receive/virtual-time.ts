import { setTimeout as sleep } from 'node:timers/promises';
import { fairKeys, fairStateTtlSeconds, raiseVirtualTimeScript } from '@cloudemy/contracts';
import type { Redis } from 'ioredis';

/** Milliseconds between two commands: a newcomer gets his place for a while, not for the instant. */
const apartMs = 20;

/**
 * Tells publishers how far the queue has got, so that newcomers begin there. One command at a time, and only the
 * largest of the tags that came meanwhile: what is lost costs a little order, so nobody waits for it.
 */
export class VirtualTime {
  private pending = 0;
  private sending = false;

  private readonly redis: Pick<Redis, 'eval'>;

  constructor(redis: Pick<Redis, 'eval'>) {
    this.redis = redis;
  }

  /** A message with this tag was taken off the queue. Never throws. */
  raise(tag: number): void {
    this.pending = Math.max(this.pending, tag);
    if (!this.sending && this.pending > 0) void this.send();
  }

  private async send(): Promise<void> {
    this.sending = true;
    while (this.pending > 0) {
      const tag = this.pending;
      this.pending = 0;
      await this.redis
        .eval(raiseVirtualTimeScript, 1, fairKeys.virtualTime, tag, fairStateTtlSeconds)
        .catch(() => {});
      await sleep(apartMs, undefined, { ref: false });
    }
    this.sending = false;
  }
}
