import { addAbortListener } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

/** An answer that has come whole. */
export interface Exchanged {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/**
 * Sends a request and gathers its whole answer. Undici's own `request` makes a stream of every answer, which for the
 * small ones of an API server, or of a service of ours, costs about as much as sending and parsing them.
 *
 * @throws the signal's reason when aborted; what undici says when the connection fails
 */
export function exchange(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  signal: AbortSignal,
): Promise<Exchanged> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Exchanged>();
  const gathering = new Gathering(resolve, reject);
  const listener = addAbortListener(signal, () => gathering.abort(signal.reason));
  dispatcher.dispatch(options, gathering);
  return promise.finally(() => listener[Symbol.dispose]());
}

class Gathering implements Dispatcher.DispatchHandler {
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #aborted: { reason: Error } | undefined;
  #status = 0;
  #headers: IncomingHttpHeaders = {};

  private readonly resolve: (answer: Exchanged) => void;
  private readonly reject: (error: unknown) => void;

  constructor(resolve: (answer: Exchanged) => void, reject: (error: unknown) => void) {
    this.resolve = resolve;
    this.reject = reject;
  }

  /** Also before it has begun: then it ends as soon as it is its turn. */
  abort(reason: unknown): void {
    this.#aborted = { reason: reason instanceof Error ? reason : new Error(String(reason)) };
    this.#controller?.abort(this.#aborted.reason);
    this.reject(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#aborted !== undefined) controller.abort(this.#aborted.reason);
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [first, ...others] = this.#chunks;
    const bytes = first !== undefined && others.length === 0 ? first : Buffer.concat(this.#chunks);
    this.resolve({ status: this.#status, headers: this.#headers, body: bytes.toString() });
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.reject(error);
  }
}
