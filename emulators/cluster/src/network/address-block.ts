import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server } from 'node:net';

/** Second bytes of loopback addresses that clusters of one machine share out among themselves. */
const FIRST_BLOCK = 64;
const LAST_BLOCK = 254;
/** Services have the lower half of a block, pods the upper. */
const FIRST_POD = 128 * 256 + 1;
const LAST_POD = 256 * 256 - 2;

/**
 * Loopback addresses that one cluster has to itself: 127.N.0.0/16. On Linux every one of them is this machine, and
 * none can be reached from another.
 */
export class AddressBlock {
  /** `127.N` */
  readonly prefix: string;
  readonly #lock: Server;
  readonly #pods = new Map<string, number>();
  readonly #taken = new Set<number>();
  #next = FIRST_POD;

  private constructor(block: number, lock: Server) {
    this.prefix = `127.${block}`;
    this.#lock = lock;
  }

  /** Takes a block that no other cluster of this machine has; undefined where there are none. */
  static async take(): Promise<AddressBlock | undefined> {
    if (process.platform !== 'linux') {
      return undefined;
    }
    for (let block = FIRST_BLOCK; block <= LAST_BLOCK; block += 1) {
      const lock = await holdName(`cloudemy-emulator-cluster-${block}`);
      if (lock !== undefined) {
        return new AddressBlock(block, lock);
      }
    }
    return undefined;
  }

  /** The pod's address, the same each time until it is released. One that was released stays free for long. */
  ofPod(uid: string): string {
    let number = this.#pods.get(uid);
    if (number === undefined) {
      while (this.#taken.has(this.#next)) {
        this.#advance();
      }
      number = this.#next;
      this.#advance();
      this.#taken.add(number);
      this.#pods.set(uid, number);
    }
    return `${this.prefix}.${number >> 8}.${number & 255}`;
  }

  release(uid: string): void {
    const number = this.#pods.get(uid);
    if (number !== undefined) {
      this.#taken.delete(number);
      this.#pods.delete(uid);
    }
  }

  close(): void {
    this.#lock.close();
  }

  #advance(): void {
    this.#next = this.#next === LAST_POD ? FIRST_POD : this.#next + 1;
  }
}

/** A name that one process of the machine holds for as long as it lives: a socket in the abstract namespace. */
async function holdName(name: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  server.unref();
  try {
    server.listen({ path: `\0${name}` });
    await once(server, 'listening');
    return server;
  } catch {
    return undefined;
  }
}
