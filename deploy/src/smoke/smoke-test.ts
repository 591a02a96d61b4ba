import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Job,
  type JobOutcome,
  LogUnavailableError,
  createJob,
  deleteJob,
  describeJob,
  findPods,
  openLog,
  readJob,
} from '@cloudemy/k8s';
import type { ClusterObjects } from '../cluster/cluster-objects.js';
import { smokeJob, smokeNamespace, smokeScript } from './job.js';

/** The smoke test ended badly; the message says how. */
export class SmokeTestFailed extends Error {
  override readonly name = 'SmokeTestFailed';
}

const pollMs = 500;

/**
 * Grades a submission and opens a terminal, from inside the cluster, and passes on what the test says.
 *
 * @throws SmokeTestFailed
 */
export async function runSmokeTest(
  objects: ClusterObjects,
  image: string,
  onLine: (line: string) => void,
  urls = { backend: 'http://backend:8000', deployer: 'http://deployer:8002' },
): Promise<void> {
  const { api } = objects;
  await objects.apply(await smokeScript());
  const wanted = smokeJob(image, urls);
  const name = wanted.metadata.name ?? '';
  await deleteJob(api, smokeNamespace, name, { propagationPolicy: 'Foreground' });
  while ((await readJob(api, smokeNamespace, name)) !== undefined) await sleep(pollMs);
  const { job } = await createJob(api, smokeNamespace, wanted);
  let last = '';
  const shown = await followLog(objects, job, (line) => {
    last = line;
    onLine(line);
  });
  const outcome = await untilFinished(objects, job);
  if (outcome.phase === 'succeeded') return;
  throw new SmokeTestFailed(
    shown && last !== '' ? `The smoke test ${last}` : `The smoke test: ${outcome.message}`,
  );
}

/** False when the Job ended without a log. */
async function followLog(
  objects: ClusterObjects,
  job: Job,
  onLine: (line: string) => void,
): Promise<boolean> {
  const { api } = objects;
  for (;;) {
    const [pod] = await findPods(api, job);
    if (pod?.metadata.name !== undefined) {
      try {
        const log = await openLog(api, { namespace: smokeNamespace, pod: pod.metadata.name, follow: true });
        const lines = createInterface({ input: log });
        lines.on('line', onLine);
        await once(lines, 'close');
        return true;
      } catch (error) {
        if (!(error instanceof LogUnavailableError)) throw error;
      }
    }
    if (isOver(await outcomeOf(objects, job))) return false;
    await sleep(pollMs);
  }
}

async function untilFinished(objects: ClusterObjects, job: Job) {
  for (;;) {
    const outcome = await outcomeOf(objects, job);
    if (isOver(outcome)) return outcome;
    await sleep(pollMs);
  }
}

async function outcomeOf({ api }: ClusterObjects, job: Job) {
  const current = (await readJob(api, smokeNamespace, job.metadata.name ?? '')) ?? job;
  return describeJob(current, await findPods(api, current));
}

const isOver = ({ phase }: JobOutcome): boolean => phase === 'succeeded' || phase === 'failed';
