import { connectCluster } from '@cloudemy/k8s';
import { ClusterObjects } from './cluster/cluster-objects.js';
import { type ClusterOptions, UsageError } from './options.js';

export const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Runs a command with its arguments; what goes wrong is a message, and exit code 2 for a bad command line, else 1. */
export async function runCommand(run: (args: string[]) => Promise<void>): Promise<void> {
  try {
    await run(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

/**
 * Does some work in the cluster that was named.
 *
 * @throws UsageError when none was
 */
export async function withCluster(
  { kubeconfig, context }: ClusterOptions,
  usage: string,
  work: (objects: ClusterObjects) => Promise<void>,
): Promise<void> {
  if (kubeconfig === undefined) {
    throw new UsageError(`Say which cluster: --kubeconfig FILE.\n\n${usage}`);
  }
  const cluster = connectCluster({ kubeconfig, context });
  try {
    say(`Cluster ${new URL(cluster.server).host}, context ${cluster.context}`);
    await work(new ClusterObjects(cluster.api));
  } finally {
    await cluster.close();
  }
}
