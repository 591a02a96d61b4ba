import { setTimeout as wait } from 'node:timers/promises';

/** Some leave at once, before anything was looked up for them; some stay a little. */
const longestMs = 600;
const everyMs = 60;

export const briefly = (): Promise<void> => wait(Math.random() ** 3 * longestMs);

/** Opens a stream, reads what comes, and leaves in the middle of it. */
export async function lookIn(url: string): Promise<void> {
  const leaving = new AbortController();
  const { signal } = leaving;
  const read = fetch(url, { signal, headers: { accept: 'text/event-stream' } }).then((answer) =>
    answer.text(),
  );
  read.catch(() => {});
  await briefly();
  leaving.abort();
}

/** Readers of the live events of submissions who come and go, until told to end. */
export async function readers(
  backendUrl: string,
  submissions: () => readonly string[],
  ended: AbortSignal,
): Promise<void> {
  while (!ended.aborted) {
    const ids = submissions();
    const id = ids[Math.floor(Math.random() * ids.length)];
    if (id !== undefined) void lookIn(`${backendUrl}/submissions/${id}/events`);
    await wait(everyMs);
  }
}
