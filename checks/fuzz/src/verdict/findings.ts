import type { FuzzRequest } from '../requests/request.js';

/** A fault, with the first request that showed it. */
export interface Finding {
  operation: string;
  fault: string;
  /** How many requests showed it. */
  times: number;
  request: { method: string; path: string; headers: FuzzRequest['headers']; body: string | undefined };
  /** The beginning of what came back. */
  answer: string;
}

const mostShown = 2_000;

/** Faults, the same of the same operation counted together. */
export class Findings {
  readonly #found = new Map<string, Finding>();

  add({ operation, method, path, headers, body }: FuzzRequest, fault: string, answer: string): void {
    // Digits and quoted values tell one from another where there is no difference.
    const key = `${operation.id} ${fault.replaceAll(/\d{4,}|"[^"]*"/g, '')}`;
    const known = this.#found.get(key);
    if (known !== undefined) {
      known.times += 1;
      return;
    }
    this.#found.set(key, {
      operation: operation.id,
      fault,
      times: 1,
      request: {
        method,
        path: path.slice(0, mostShown),
        headers: shortened(headers),
        body: body?.toString().slice(0, mostShown),
      },
      answer: answer.slice(0, mostShown),
    });
  }

  all(): Finding[] {
    return [...this.#found.values()];
  }
}

/** Without credentials, and without what fills the screen. */
function shortened(headers: FuzzRequest['headers']): FuzzRequest['headers'] {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name !== 'authorization')
      .map(([name, value]) => [name, typeof value === 'string' ? value.slice(0, 200) : value.slice(0, 3)]),
  );
}
