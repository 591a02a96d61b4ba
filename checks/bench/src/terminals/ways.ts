import type { BenchJob } from '../stack/bench-job.js';
import type { BenchStack } from '../stack/bench-stack.js';
import { openThroughDeployer } from './deployer-terminal.js';
import { openDirect } from './direct-terminal.js';
import type { Terminal } from './terminal.js';

/** A way to a shell. The direct one is the measure of all others. */
export type Way = 'direct' | 'binary' | 'json';
export const ways: readonly Way[] = ['direct', 'binary', 'json'];
export const deployerWays = ['binary', 'json'] as const;

export const wayNames = {
  direct: 'direct exec',
  binary: 'deployer, binary',
  json: 'deployer, JSON',
};

export const openTerminal = (stack: BenchStack, job: BenchJob, way: Way): Promise<Terminal> =>
  way === 'direct' ? openDirect(stack, job) : openThroughDeployer(stack, job, way);
