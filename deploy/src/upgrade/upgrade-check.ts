import type { UnknownObject } from '@cloudemy/k8s';
import { KubeApiError, openExec } from '@cloudemy/k8s';
import type { ClusterObjects } from '../cluster/cluster-objects.js';
import type { Say } from '../deploy.js';
import { ownNamespace } from '../in-cluster/job.js';
import { runScript } from '../in-cluster/run-script.js';
import { backendImage } from '../manifests/backend-image.js';
import { describeObject, isWorkload } from '../manifests/objects.js';
import { waitUntilReady } from '../readiness/wait.js';
import { checkKeepsData } from './keeps-data.js';
import { restart } from './restart.js';

/** Milliseconds that something may be wrong before it is given up. */
const graceMs = 90_000;
const mailbox = '/mailbox';
const stopFile = `${mailbox}/stop`;

/**
 * Replaces every pod of an installation at once while submissions are handed in, and holds it to it that each is
 * graded. The stores are one pod each: while they are away, requests are refused, and sent again.
 *
 * @param options milliseconds for all of it, and between two submissions; whether the stores are left alone
 * @throws WouldLoseData when a store keeps its data in its pod, ScriptFailed when a submission was lost or failed, NotReady when a workload does not come up again
 */
export async function checkUpgrade(
  objects: ClusterObjects,
  manifests: readonly UnknownObject[],
  options: { timeoutMs: number; intervalMs?: number; keepStores?: boolean },
  say: Say,
): Promise<void> {
  const { timeoutMs, intervalMs = 250, keepStores = false } = options;
  const workloads = manifests.filter(isWorkload).filter((one) => !keepStores || !isStore(one));
  await checkKeepsData(objects, workloads);
  const begun = Promise.withResolvers<string>();
  const script = {
    name: 'upgrade-check',
    file: 'feed',
    deadlineSeconds: Math.ceil(timeoutMs / 1_000),
    env: { BACKEND_URL: 'http://backend:8000', STOP_FILE: stopFile, INTERVAL_MS: String(intervalMs) },
    mailbox,
  } as const;
  const fed = runScript(objects, script, backendImage(manifests), (line, pod) => {
    say(`  ${line}`);
    if (line.startsWith('handed in')) begun.resolve(pod);
  });
  // What ends before it was told to has failed. Should a workload not come up again, that is what to say.
  fed.catch(() => {});
  const pod = await Promise.race([begun.promise, fed.then(() => '')]);
  try {
    for (const workload of workloads) {
      await restart(objects, workload);
      say(`Restarting ${describeObject(workload)} …`);
    }
    await waitUntilReady(objects, workloads, {
      timeoutMs,
      graceMs,
      onReady: (workload) => say(`  ready again: ${workload}`),
      onProblem: (workload, problem) => say(`  ${workload}: ${problem}`),
    });
  } catch (error) {
    await tell(objects, pod);
    throw error;
  }
  await tell(objects, pod);
  await fed;
}

const isStore = ({ kind }: { kind: string }): boolean => kind === 'StatefulSet';

/** Leaves word with the script that it may stop. One that has ended hears nothing, and says itself why it ended. */
async function tell({ api }: ClusterObjects, pod: string): Promise<void> {
  const command = ['touch', stopFile];
  try {
    const exec = await openExec(api, { namespace: ownNamespace, pod, command, stdin: false });
    exec.resume();
    exec.stderr.resume();
    await exec.exited;
  } catch (error) {
    if (!(error instanceof KubeApiError)) throw error;
  }
}
