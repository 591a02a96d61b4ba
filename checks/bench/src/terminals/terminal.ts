/** A shell in a pod, whichever way it is reached. */
export interface Terminal {
  type(text: string): void;
  /** Hands every piece of output that comes from now on to this listener, and to no other. */
  listen(listener: (bytes: Buffer) => void): void;
  /** Stops reading from the connection. */
  pause(): void;
  resume(): void;
  /** Ends the shell and the connection. */
  close(): Promise<void>;
}

/** Milliseconds after which awaited output is taken never to come. */
const timeoutMs = 60_000;
/** Longer than any text that is waited for, which may come in two pieces. */
const rememberedCharacters = 200;

/**
 * Reads output until it holds a text.
 *
 * @param begin what makes it come
 * @throws Error when it does not come
 */
export async function outputUntil(terminal: Terminal, text: string, begin: () => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let seen = '';
  terminal.listen((bytes) => {
    seen += bytes.toString('latin1');
    if (seen.includes(text)) resolve();
    seen = seen.slice(-rememberedCharacters);
  });
  const late = setTimeout(
    () => reject(new Error(`the terminal never showed ${text}; at last: ${seen}`)),
    timeoutMs,
  );
  begin();
  await promise.finally(() => clearTimeout(late));
}
