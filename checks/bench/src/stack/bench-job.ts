import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchStack } from './bench-stack.js';

/** A deployed Job with one running pod, whose container is called `main`. */
export interface BenchJob {
  name: string;
  pod: string;
  remove(): Promise<void>;
}

export const container = 'main';
const lookMs = 50;

/** A name that this run alone uses. */
export const uniqueName = (what: string): string => `bench-${what}-${randomBytes(4).toString('hex')}`;

/**
 * Deploys a Job that runs a shell script, and waits until its pod runs.
 *
 * @throws Error in the deployer's words when it never will
 */
export async function startJob(stack: BenchStack, what: string, script: string): Promise<BenchJob> {
  const { deployer, namespace, image } = stack;
  const name = uniqueName(what);
  const manifest = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: {
      backoffLimit: 0,
      template: {
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: 0,
          containers: [{ name: container, image, command: ['/bin/sh', '-c', script] }],
        },
      },
    },
  };
  const yaml = { yaml_content: JSON.stringify(manifest), namespace };
  await deployer.deploy({ body: yaml });
  const remove = async (): Promise<void> => {
    await deployer.deleteByYaml({ body: { ...yaml, wait: true } });
  };
  try {
    for (;;) {
      const status = await deployer.getJobStatus({ params: { job_name: name }, query: { namespace } });
      const running = status.pods.find(({ containers }) => containers[0]?.state === 'running');
      if (running !== undefined) return { name, pod: running.name, remove };
      if (status.finished) throw new Error(`the Job ${name} has ended: ${status.message}`);
      await sleep(lookMs);
    }
  } catch (error) {
    await remove();
    throw error;
  }
}
