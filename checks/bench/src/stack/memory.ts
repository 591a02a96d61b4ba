import { readFileSync } from 'node:fs';

/** Milliseconds between two looks. */
const lookMs = 20;
const KiBperMiB = 1_024;

/**
 * The program that a supervising shell runs as its first child.
 *
 * @param wrapper pid of the shell
 * @returns undefined where there is no Linux `/proc`
 */
export function programPid(wrapper: number): number | undefined {
  const children = read(`/proc/${wrapper}/task/${wrapper}/children`)?.trim().split(' ') ?? [];
  return children.map(Number).find((pid) => read(`/proc/${pid}/comm`)?.trim() !== 'sh');
}

/** Resident memory of a process in MiB, from `/proc`; undefined when it cannot be told. */
export function residentMiB(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return kib === undefined ? undefined : Number(kib) / KiBperMiB;
}

/** By how much the memory of a process exceeds what it was at rest, while something is done. */
export class MemoryGrowth {
  #most = 0;
  readonly #looking: NodeJS.Timeout;

  private readonly pid: number | undefined;
  private readonly atRest: number | undefined;

  /** @param atRest MiB; undefined, like the pid, when it cannot be told */
  constructor(pid: number | undefined, atRest: number | undefined) {
    this.pid = pid;
    this.atRest = atRest;

    this.#look();
    this.#looking = setInterval(() => this.#look(), lookMs);
  }

  /** MiB at the highest above what it was at rest; undefined when it cannot be told. */
  stop(): number | undefined {
    clearInterval(this.#looking);
    this.#look();
    return this.atRest === undefined ? undefined : Math.max(0, this.#most - this.atRest);
  }

  #look(): void {
    this.#most = Math.max(this.#most, residentMiB(this.pid) ?? 0);
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
