import { type SubmissionHint, SubmissionHints, submissionChannel } from '@cloudemy/contracts';
import { type Redis, connectSubscriber } from '@cloudemy/redis';
import type { Logger } from '@cloudemy/service';

export interface HintSubscriberOptions {
  redisUrl: string;
  onHint: (hint: SubmissionHint) => void;
  /** Hints may have been missed: the connection is new. */
  onConnected: () => void;
  onError: (error: unknown) => void;
  log: Logger;
}

/**
 * Listens for hints that submissions moved on. Redis forgets what nobody heard, so a hint only makes things
 * quick; the reconcile pass makes them certain.
 */
export class HintSubscriber {
  private readonly redis: Redis;

  private readonly options: HintSubscriberOptions;

  constructor(options: HintSubscriberOptions) {
    this.options = options;

    // Subscribed again by the client itself after each reconnect.
    this.redis = connectSubscriber(options.redisUrl, 'cloudemy-scheduler', options.log);
    this.redis.on('ready', options.onConnected);
    this.redis.on('message', (_channel: string, message: string) => this.receive(message));
  }

  /** Begins to listen; while Redis cannot be reached it keeps trying. */
  start(): void {
    this.redis.subscribe(submissionChannel).catch((error: unknown) => {
      this.options.onError(error);
    });
  }

  stop(): void {
    this.redis.disconnect();
  }

  private receive(message: string): void {
    const hints = SubmissionHints.safeParse(parseJson(message));
    for (const hint of hints.data ?? []) this.options.onHint(hint);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
