import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Stack, adminEmail, repositoryFolder } from '@cloudemy/emulator-stack';
import type { Screen } from '../screen.js';
import { demonstrateBenchmark } from './benchmark.js';
import { readExample } from './examples.js';
import { type GradingOutcome, demonstrateGrading, showResults } from './grading.js';
import { signInPeople } from './people.js';

export interface Demonstration {
  stack: Pick<Stack, 'backendUrl' | 'deployerUrl' | 'benchmarkNamespace' | 'wiring'>;
  screen: Screen;
  /** Of the benchmark Job, where the cluster has no busybox. */
  image: string | undefined;
  /** Hears how the submissions ended, whatever becomes of the rest. */
  onGraded: (outcomes: readonly GradingOutcome[]) => void;
  stop: AbortSignal;
}

const examples = join(repositoryFolder, 'examples');

/**
 * Shows both products at work, as a client would use them.
 *
 * @throws what went wrong, in words
 */
export async function demonstrate({ stack, screen, image, onGraded, stop }: Demonstration): Promise<void> {
  const example = await readExample(examples, 'merge-intervals');
  const admin = { email: adminEmail, password: stack.wiring.settings.adminPassword };
  const people = await signInPeople(stack.backendUrl, admin, screen, stop);
  const outcomes = await demonstrateGrading({ backendUrl: stack.backendUrl, example, people, screen, stop });
  showResults(outcomes, screen);
  onGraded(outcomes);
  const { instance } = stack.wiring.settings;
  // Of its own name: the namespace of a real cluster may be shared.
  const jobName = `sort-benchmark-${instance.slice(instance.lastIndexOf('-') + 1)}`;
  const text = await readFile(join(examples, 'benchmarks', 'sort.yaml'), 'utf8');
  const yaml = text.replaceAll('sort-benchmark', jobName).replace('busybox', image ?? 'busybox');
  const benchmark = { yaml, jobName, namespace: stack.benchmarkNamespace };
  await demonstrateBenchmark({
    deployerUrl: stack.deployerUrl,
    benchmark,
    credentials: people.operator,
    screen,
    stop,
  });
  const failed = outcomes.filter(({ submission }) => submission.status !== 'graded');
  if (failed.length > 0)
    throw new Error(`${failed.length} of ${outcomes.length} submissions were not graded.`);
}
