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
import { type Script, ownNamespace, scriptJob, scriptMap } from './job.js';

/** A script ended badly; the message says how. */
export class ScriptFailed extends Error {
  override readonly name = 'ScriptFailed';
}

const pollMs = 500;

/**
 * Runs a script inside the cluster and passes on what it says.
 *
 * @param onLine told the pod's name with each line
 * @throws ScriptFailed
 */
export async function runScript(
  objects: ClusterObjects,
  script: Script,
  image: string,
  onLine: (line: string, pod: string) => void,
): Promise<void> {
  const { api } = objects;
  await objects.apply(await scriptMap(script));
  await deleteJob(api, ownNamespace, script.name, { propagationPolicy: 'Foreground' });
  while ((await readJob(api, ownNamespace, script.name)) !== undefined) await sleep(pollMs);
  const { job } = await createJob(api, ownNamespace, scriptJob(script, image));
  let last = '';
  const shown = await followLog(objects, job, (line, pod) => {
    last = line;
    onLine(line, pod);
  });
  const outcome = await untilFinished(objects, job);
  if (outcome.phase === 'succeeded') return;
  throw new ScriptFailed(`${script.name} ${shown && last !== '' ? last : `: ${outcome.message}`}`);
}

/** False when the Job ended without a log. */
async function followLog(
  objects: ClusterObjects,
  job: Job,
  onLine: (line: string, pod: string) => void,
): Promise<boolean> {
  const { api } = objects;
  for (;;) {
    const [pod] = await findPods(api, job);
    const name = pod?.metadata.name;
    if (name !== undefined) {
      try {
        const log = await openLog(api, { namespace: ownNamespace, pod: name, follow: true });
        const lines = createInterface({ input: log });
        lines.on('line', (line) => onLine(line, name));
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
  const current = (await readJob(api, ownNamespace, job.metadata.name ?? '')) ?? job;
  return describeJob(current, await findPods(api, current));
}

const isOver = ({ phase }: JobOutcome): boolean => phase === 'succeeded' || phase === 'failed';
