import { type Client, createClient, deployerApi } from '@cloudemy/contracts';
import { readE2eEnv, readStackEnv } from '../environment.js';

const { E2E_IMAGE: image, E2E_NAMESPACE } = readE2eEnv();

export const deployerUrl = readStackEnv().E2E_STACK_DEPLOYER;
export const namespace = E2E_NAMESPACE;
export const deployer: Client<typeof deployerApi> = createClient(deployerApi, {
  baseUrl: deployerUrl,
  // A deletion that waits takes the grace of its pods, 30 s by default.
  timeoutMs: 100_000,
});

/** The request of the requirements, to the letter but for the image that this cluster has. */
export const docsRequest = {
  yaml_content:
    "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: test-job\nspec:\n  template:\n    spec:\n      containers:\n      - name: test\n        image: busybox\n        command: ['sh', '-c', 'sleep 3600']\n      restartPolicy: Never".replace(
      'busybox',
      image,
    ),
  namespace,
};

/** A Job of one container that runs a shell script. */
export function scriptJob(
  name: string,
  script: string,
  extra = '',
): { yaml_content: string; namespace: string } {
  const yaml = [
    'apiVersion: batch/v1',
    'kind: Job',
    `metadata: {name: ${name}}`,
    'spec:',
    '  backoffLimit: 0',
    '  template:',
    '    spec:',
    '      restartPolicy: Never',
    '      terminationGracePeriodSeconds: 1',
    '      containers:',
    '      - name: main',
    `        image: ${image}`,
    `        command: [sh, -c, ${JSON.stringify(script)}]`,
    extra,
  ].join('\n');
  return { yaml_content: yaml, namespace };
}

/** Waits until a pod of the Job runs; throws with the Job's own words when it never will. */
export async function untilRunning(job_name: string): Promise<void> {
  for (;;) {
    const status = await deployer.getJobStatus({ params: { job_name }, query: { namespace } });
    if (status.pods.some(({ phase }) => phase === 'Running')) return;
    if (status.finished) throw new Error(status.message);
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
}
