import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Job,
  type JobOutcome,
  createJob,
  deleteJob,
  describeJob,
  findPods,
  isNotFound,
  readJob,
  resourcePath,
} from '@cloudemy/k8s';
import type { ClusterObjects } from '../cluster/cluster-objects.js';
import { type Script, ownNamespace, scriptJob, scriptMap } from './job.js';
import { ScriptLog } from './script-log.js';

const configMaps = { group: '', version: 'v1', resource: 'configmaps' };

/** A script ended badly; the message says how. */
export class ScriptFailed extends Error {
  override readonly name = 'ScriptFailed';
}

const pollMs = 500;

/**
 * Runs a script inside the cluster and passes on what it says. Its Job and ConfigMap are removed at the end, however it
 * ends: all that they would tell was passed on.
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
  await removeScript(objects, script.name);
  try {
    await objects.apply(await scriptMap(script));
    const { job } = await createJob(api, ownNamespace, scriptJob(script, image));
    let last = '';
    const log = new ScriptLog(api, ownNamespace, (line, pod) => {
      last = line;
      onLine(line, pod);
    });
    const outcome = await followToEnd(objects, job, log);
    if (outcome.phase === 'succeeded') return;
    throw new ScriptFailed(`${script.name}: ${last === '' ? outcome.message : last}`);
  } finally {
    await removeScript(objects, script.name);
  }
}

/**
 * Follows the log of a Job until the Job is over. An API server that has no log yet, or loses the kubelet for a while,
 * ends nothing: only the Job's own end does, and the Job has a deadline.
 */
async function followToEnd(objects: ClusterObjects, job: Job, log: ScriptLog): Promise<JobOutcome> {
  for (;;) {
    const outcome = await outcomeOf(objects, job);
    const [pod] = await findPods(objects.api, job);
    if (pod?.metadata.name !== undefined) await log.readOn(pod.metadata.name);
    if (outcome.phase === 'succeeded' || outcome.phase === 'failed') return outcome;
    await sleep(pollMs);
  }
}

async function outcomeOf({ api }: ClusterObjects, job: Job): Promise<JobOutcome> {
  const name = job.metadata.name ?? '';
  const current = await readJob(api, ownNamespace, name);
  if (current === undefined) throw new ScriptFailed(`${name}: somebody deleted the Job while it ran.`);
  return describeJob(current, await findPods(api, current));
}

/** Removes the Job of a script with its pods, and its ConfigMap; both may be gone already. */
async function removeScript({ api }: ClusterObjects, name: string): Promise<void> {
  await deleteJob(api, ownNamespace, name, { propagationPolicy: 'Foreground' });
  while ((await readJob(api, ownNamespace, name)) !== undefined) await sleep(pollMs);
  await api.delete(resourcePath(configMaps, { namespace: ownNamespace, name })).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });
}
