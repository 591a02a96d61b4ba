import type { SubmissionSummary } from '@cloudemy/contracts';
import { GradeBook, watchGrades } from './check/grades.js';
import { watchMemory } from './check/memory.js';
import type { Findings } from './check/report.js';
import { benchmarks } from './load/benchmarks.js';
import { readers } from './load/readers.js';
import type { World } from './parts/world.js';

type Observed = Pick<Findings, 'gradesChanged' | 'overMemory' | 'memory' | 'findings'>;

/** Reads, deploys and looks on beside a run, until it is ended. */
export function observe(
  world: World,
  list: () => Promise<SubmissionSummary[]>,
): { submissions: string[]; end: (shown: readonly SubmissionSummary[]) => Promise<Observed> } {
  const ending = new AbortController();
  const { signal } = ending;
  const submissions: string[] = [];
  const book = new GradeBook();
  const all = Promise.all([
    watchMemory(world, signal),
    benchmarks(world, signal),
    watchGrades(book, list, () => world.restored.length, signal),
    readers(world.wiring.backendUrl, () => submissions, signal),
  ]);
  return {
    submissions,
    async end(shown) {
      ending.abort();
      const [memory, undeleted] = await all;
      book.note(shown);
      const { peaks, over } = memory;
      return {
        gradesChanged: [...book.faults].map(([id, words]) => `${id}: ${words}`),
        memory: peaks,
        overMemory: over,
        findings: [...world.findings, ...undeleted],
      };
    },
  };
}
