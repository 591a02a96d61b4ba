import { type Flow, type QueueName, type QueuePayload, queueJobId } from '@cloudemy/contracts';
import { withTimeout } from '@cloudemy/async';
import type { Logger } from '@cloudemy/service';
import { type JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { assignTags } from './fair-order.js';

/** The queue cannot be reached. What was to be added stays in the outbox. */
export class QueueUnavailable extends Error {
  override readonly name = 'QueueUnavailable';
}

export interface QueueMessage {
  payload: QueuePayload;
  /** Whose share of the queue it takes. */
  flow: Flow;
  /** Milliseconds that nobody takes it. */
  delayMs: number;
}

interface AttemptId {
  submissionId: string;
  attempt: number;
}

/** What the queue knows of an attempt. */
export type QueueState = 'present' | 'missing';

/**
 * The scheduler puts a message back for as long as it takes. For the queue a Redis that refused to remove it counts as
 * a failed try, which must not end it. What anything else has failed stays until the scheduler hands it over.
 */
const jobOptions = {
  attempts: 1_000,
  backoff: { type: 'fixed', delay: 3_000, jitter: 0.5 },
  removeOnComplete: true,
  removeOnFail: false,
} satisfies JobsOptions;

/** BullMQ waits without end for a Redis that does not answer. */
const timeoutMs = 5_000;

/** Puts attempts on the queue; putting one there twice is once. */
export class QueueProducer {
  private queue: Queue<QueuePayload> | undefined;

  private readonly redis: Redis;
  private readonly queueName: QueueName;
  private readonly log: Logger;

  constructor(redis: Redis, queueName: QueueName, log: Logger) {
    this.redis = redis;
    this.queueName = queueName;
    this.log = log;
  }

  /**
   * Puts messages into the fair order.
   *
   * @throws QueueUnavailable
   */
  async add(messages: readonly QueueMessage[]): Promise<void> {
    await this.using(async (queue) => {
      const flows = messages.map(({ flow }) => flow);
      const tags = await assignTags(this.redis, this.queueName, flows);
      await queue.addBulk(
        messages.map(({ payload, delayMs }, index) => ({
          name: 'grade',
          data: payload,
          opts: {
            ...jobOptions,
            jobId: queueJobId(payload.submission_id, payload.attempt),
            priority: tags[index] ?? 1,
            delay: delayMs,
          },
        })),
      );
    });
  }

  /**
   * What the queue knows of each, in the order asked for. A message whose data were cut is missing: no scheduler can read
   * it, and each that takes it lets it fall back.
   *
   * @throws QueueUnavailable
   */
  async states(refs: readonly AttemptId[]): Promise<QueueState[]> {
    return this.using((queue) =>
      Promise.all(
        refs.map(async (ref) => {
          const id = queueJobId(ref.submissionId, ref.attempt);
          if ((await queue.getJobState(id)) === 'unknown') return 'missing';
          return isJson(await this.redis.hget(queue.toKey(id), 'data')) ? 'present' : 'missing';
        }),
      ),
    );
  }

  /**
   * Removes what is left of messages that are on no list or cannot be read, so that they can be added again. One whose lock
   * has not run out stays for now.
   *
   * @throws QueueUnavailable
   */
  async discard(refs: readonly AttemptId[]): Promise<void> {
    if (refs.length === 0) return;
    await this.using((queue) =>
      Promise.all(refs.map((ref) => queue.remove(queueJobId(ref.submissionId, ref.attempt)))),
    );
  }

  async close(): Promise<void> {
    await this.queue?.close();
  }

  private async using<T>(work: (queue: Queue<QueuePayload>) => Promise<T>): Promise<T> {
    if (this.redis.status !== 'ready') throw new QueueUnavailable(`Redis is ${this.redis.status}`);
    try {
      return await withTimeout(timeoutMs, 'the queue', this.open().then(work));
    } catch (cause) {
      throw new QueueUnavailable('the queue does not answer', { cause });
    }
  }

  /** A queue whose first contact failed stays broken, so the next call makes another. */
  private async open(): Promise<Queue<QueuePayload>> {
    this.queue ??= this.create();
    const { queue } = this;
    try {
      await queue.waitUntilReady();
      return queue;
    } catch (error) {
      if (this.queue === queue) this.queue = undefined;
      throw error;
    }
  }

  private create(): Queue<QueuePayload> {
    const { prefix, name } = this.queueName;
    const queue = new Queue<QueuePayload>(name, { connection: this.redis, prefix });
    queue.on('error', (error) => {
      this.log.debug({ err: error }, 'the queue reports an error');
    });
    return queue;
  }
}

function isJson(text: string | null): boolean {
  try {
    JSON.parse(text ?? '');
    return true;
  } catch {
    return false;
  }
}
