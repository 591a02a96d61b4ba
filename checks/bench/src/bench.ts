import type { Report } from './report/report.js';
import type { BenchStack } from './stack/bench-stack.js';

export interface BenchContext {
  rounds: number;
  /** Tiny sizes: to see that it runs, not how fast. */
  quick: boolean;
  /** Undefined: the embedded cluster. */
  kubeconfig: string | undefined;
  /** A deployer in front of a cluster; started when first asked for, one for all. */
  stack: () => Promise<BenchStack>;
}

export interface Bench {
  /** Rounds when the command line names no number. */
  rounds: number;
  run: (context: BenchContext) => Promise<Report>;
}
