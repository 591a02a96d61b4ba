import type { Bench, BenchContext } from '../bench.js';
import { inTurn } from '../in-turn.js';
import { type Report, medianOf, rowOf } from '../report/report.js';
import { uniqueName } from '../stack/bench-job.js';
import type { BenchStack } from '../stack/bench-stack.js';
import { makeDocuments } from './documents.js';
import { hasKubectl, kubectl } from './kubectl.js';

/** The share of kubectl's time that deploying may take: twice as fast. */
const limit = 0.5;

/**
 * How long it takes until all objects of a YAML text are there. The deployer parses it, holds it to the policy,
 * has the cluster try every document out, and keeps an inventory; kubectl only applies.
 */
export const deploy: Bench = { rounds: 7, run };

async function run({ rounds, quick, stack: start }: BenchContext): Promise<Report> {
  const count = quick ? 5 : 50;
  const stack = await start();
  const hasRival = await hasKubectl();
  const ours: number[] = [];
  const theirs: number[] = [];
  // In the first round both learn what kinds the cluster has.
  for (let round = -1; round < rounds; round += 1) {
    const rivals = [
      async () => keep(ours, round, await throughDeployer(stack, count)),
      async () => (hasRival ? keep(theirs, round, await throughKubectl(stack, count)) : undefined),
    ];
    for (const rival of inTurn(rivals, round + 1)) await rival();
  }
  return {
    bench: 'deploy',
    rounds,
    about: `${count} new documents: ConfigMaps, Secrets, Services, suspended Jobs`,
    rows: hasRival
      ? [
          rowOf('kubectl apply --server-side', 'ms', theirs),
          rowOf('POST /deploy', 'ms', ours, {
            baseline: medianOf(theirs),
            goal: { of: 'ratio', is: 'at most', bound: limit },
          }),
        ]
      : [rowOf('POST /deploy', 'ms', ours)],
    ...(hasRival ? {} : { notes: ['kubectl: not on the PATH, so nothing to compare with.'] }),
  };
}

const keep = (times: number[], round: number, took: number): void => {
  if (round >= 0) times.push(took);
};

/** Milliseconds until the answer. What was deployed is deleted. */
async function throughDeployer({ deployer, namespace, image }: BenchStack, count: number): Promise<number> {
  const body = { yaml_content: makeDocuments(count, uniqueName('deploy'), image), namespace };
  try {
    const start = performance.now();
    await deployer.deploy({ body });
    return performance.now() - start;
  } finally {
    await deployer.deleteByYaml({ body: { ...body, wait: true } });
  }
}

/** Milliseconds until kubectl has ended. What was applied is deleted. */
async function throughKubectl(stack: BenchStack, count: number): Promise<number> {
  const yaml = makeDocuments(count, uniqueName('kubectl'), stack.image);
  try {
    const start = performance.now();
    await kubectl(stack, ['apply', '--server-side', '-f', '-'], yaml);
    return performance.now() - start;
  } finally {
    await kubectl(stack, ['delete', '--ignore-not-found', '-f', '-'], yaml);
  }
}
