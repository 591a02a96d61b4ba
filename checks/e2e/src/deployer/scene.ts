import { until } from '@cloudemy/testing';
import { type Client, createClient, deployerApi } from '@cloudemy/contracts';
import { readE2eEnv, readStackEnv } from '../environment.js';
import { docsJobIn, nameIn, runLabel } from '../leftovers.js';

const { E2E_IMAGE: image, E2E_NAMESPACE } = readE2eEnv();
const { E2E_STACK_DEPLOYER, E2E_STACK_RUN: run, E2E_STACK_PEOPLE } = readStackEnv();

export const people = E2E_STACK_PEOPLE;
/** What requests to the deployer are made with. */
export const credentials = people.operator;

export const deployerUrl = E2E_STACK_DEPLOYER;
export const namespace = E2E_NAMESPACE;
export const deployer: Client<typeof deployerApi> = createClient(deployerApi, {
  baseUrl: deployerUrl,
  headers: credentials,
  // A deletion that waits takes the grace of its pods, 30 s by default.
  timeoutMs: 100_000,
});

export interface Yaml {
  yaml_content: string;
  namespace: string;
}

/** The name of an object of this run. */
export const named = (name: string): string => nameIn(run, name);

/** Metadata of an object of this run, as YAML in one line. */
export const metadata = (name: string): string => `{name: ${named(name)}, labels: {${runLabel}: ${run}}}`;

/** The request of the requirements, to the letter but for the name and the image that this cluster has. */
export const docsJob: string = docsJobIn(run);
export const docsRequest: Yaml = {
  yaml_content:
    "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: test-job\nspec:\n  template:\n    spec:\n      containers:\n      - name: test\n        image: busybox\n        command: ['sh', '-c', 'sleep 3600']\n      restartPolicy: Never"
      .replace('test-job', docsJob)
      .replace('busybox', image),
  namespace,
};

/**
 * A Job of one container that runs a shell script. Passes Pod Security `restricted`
 * (https://kubernetes.io/docs/concepts/security/pod-security-standards/) and quotas that ask for limits.
 */
export function scriptJob(name: string, script: string, jobImage = image): Yaml {
  const yaml_content = `apiVersion: batch/v1
kind: Job
metadata: ${metadata(name)}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 1
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, runAsUser: 65534, seccompProfile: {type: RuntimeDefault}}
      containers:
      - name: main
        image: ${jobImage}
        command: [sh, -c, ${JSON.stringify(script)}]
        resources: {requests: {cpu: 10m, memory: 16Mi}, limits: {cpu: 500m, memory: 64Mi}}
        securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
`;
  return { yaml_content, namespace };
}

export const jobStatus = (job_name: string) =>
  deployer.getJobStatus({ params: { job_name }, query: { namespace } });

/** Waits until a pod of the Job runs; throws with the Job's own words when it never will. */
export async function untilRunning(job_name: string): Promise<void> {
  await until(async () => {
    const status = await jobStatus(job_name);
    if (status.finished) throw new Error(status.message);
    return status.pods.find(({ phase }) => phase === 'Running');
  });
}
