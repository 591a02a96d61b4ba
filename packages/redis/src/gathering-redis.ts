import { Redis } from 'ioredis';

/**
 * Sends the commands of one turn of the event loop in one write. By itself the client makes a system call of each, and
 * so does the server of each answer.
 */
export class GatheringRedis extends Redis {
  private gathering: Redis['stream'] | undefined;

  override sendCommand(...command: Parameters<Redis['sendCommand']>): unknown {
    this.gather();
    return super.sendCommand(...command);
  }

  /** Per connection: after a reconnection nobody waits for what the last one held back. */
  private gather(): void {
    // The type does not say so, but there is none before the first connection.
    const stream: Redis['stream'] | undefined = this.stream;
    if (stream === undefined || stream === this.gathering) return;
    this.gathering = stream;
    stream.cork();
    setImmediate(() => {
      if (this.gathering === stream) this.gathering = undefined;
      stream.uncork();
    });
  }
}
