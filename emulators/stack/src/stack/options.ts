import type { Part, StackFolders } from '../parts/part.js';
import { assertHostAddress } from './host-address.js';

/** The frontend is left out where no port is named for it: most tests have nobody to look at it. */
export interface StackPorts {
  backend: number;
  scheduler: number;
  deployer: number;
  frontend?: number;
}

export interface StackOptions {
  folders: StackFolders;
  /** Keep data between starts (Redis and MongoDB emulator). */
  durable: boolean;
  /** Wanted ports; another free one is taken when one is in use. 0 is any. */
  ports: StackPorts;
  /** Parts that run already. */
  mongoUri?: string | undefined;
  redisUrl?: string | undefined;
  kubeconfig?: string | undefined;
  llm: { apiKey?: string | undefined; baseUrl?: string | undefined; model?: string | undefined };
  /** Milliseconds the emulated model takes for an answer. */
  llmDelayMs?: number;
  /** Where runner Jobs go. */
  namespace: string;
  /**
   * Where benchmarks go, apart from the runners, so that none reads what runners are given; where runners go when left
   * out. The first is for requests that name none.
   */
  benchmarkNamespaces?: readonly string[];
  /** How the name begins that marks this stack's objects in the cluster; `cloudemy` when left out. */
  instancePrefix?: string;
  /** Needed with a kubeconfig: an image its nodes can pull. */
  runnerImage?: string | undefined;
  /** Needed with a kubeconfig: the name or IPv4 address at which its pods reach this machine. */
  hostAddress?: string | undefined;
  env?: Record<string, string | undefined>;
  /** Gives up a start under way. */
  signal?: AbortSignal | undefined;
  /** Hears of every part as it is up. */
  onPart?: (part: Part) => void;
}

/**
 * A cluster that was there before must be able to run the runner, and its pods to reach this machine.
 *
 * @throws Error in words
 */
export function assertOptions({ kubeconfig, runnerImage, hostAddress }: StackOptions): void {
  if (kubeconfig === undefined) return;
  if (runnerImage === undefined) {
    throw new Error(
      'With a kubeconfig, RUNNER_IMAGE must name an image of the runner that the cluster can pull.',
    );
  }
  assertHostAddress(hostAddress);
}
