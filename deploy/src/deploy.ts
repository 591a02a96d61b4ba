import type { UnknownObject } from '@cloudemy/k8s';
import type { ClusterObjects } from './cluster/cluster-objects.js';
import { checkStorage, findShortcomings } from './cluster/preflight.js';
import { backendImage } from './manifests/backend-image.js';
import { composeManifests } from './manifests/compose.js';
import { describeObject } from './manifests/objects.js';
import { type OptionalPart, optionalParts, readOptionalPart } from './manifests/optional.js';
import { rollOnChange } from './manifests/roll-on-change.js';
import type { DeployOptions } from './options.js';
import { waitUntilReady } from './readiness/wait.js';
import { internalSecret, redisSecrets } from './secrets/internal.js';
import { llmSecret } from './secrets/llm.js';
import { runSmokeTest } from './smoke-test.js';
import { removeFormer } from './upgrade/renamed.js';

/** Milliseconds that something may be wrong before it is given up. */
const graceMs = 90_000;

/** Says what is being done, one line at a time. */
export type Say = (line: string) => void;

/** The manifests as the options have them. */
export function manifestsOf(options: DeployOptions): Promise<UnknownObject[]> {
  const { overlay, parts, images, storage, surroundings, internalPort, llm } = options;
  return composeManifests({ overlay, parts, images, storage, surroundings, internalPort, llm });
}

/**
 * Brings the cluster to what the manifests say, waits until everything is ready, and tries it out. May be repeated:
 * the same again changes nothing, a newer version is rolled out without a pause.
 *
 * @throws ClusterUnfit, SecretMissing, ApplyRefused, NotReady, ScriptFailed; errors of `@cloudemy/k8s`
 */
export async function deploy(
  objects: ClusterObjects,
  manifests: readonly UnknownObject[],
  options: DeployOptions,
  say: Say,
): Promise<void> {
  await checkStorage(objects, manifests, options.storage);
  const emulator = options.parts.includes('llm-emulator');
  const internal = await internalSecret(objects, options.secrets);
  const secrets = [
    internal,
    ...redisSecrets(internal),
    await llmSecret(objects, { keyFile: options.llm.keyFile, emulator }),
  ];
  const { trustProxy } = options.surroundings;
  for (const line of await findShortcomings(objects, trustProxy)) say(`Note: ${line}`);
  const wanted = rollOnChange(manifests, secrets);
  const namespaces = wanted.filter(({ kind }) => kind === 'Namespace');
  for (const object of namespaces) await objects.apply(object);
  for (const secret of options.secrets === 'external' ? secrets.slice(1) : secrets)
    await objects.apply(secret);
  let fresh = 0;
  for (const object of wanted) {
    const { created, warnings } = await objects.apply(object);
    if (created) fresh += 1;
    for (const warning of warnings) say(`The cluster warns about ${describeObject(object)}: ${warning}`);
  }
  say(`Applied ${wanted.length} objects, ${fresh} of them new.`);
  await removeUnchosen(objects, wanted, options.parts, say);
  say('Waiting until everything is ready …');
  await waitUntilReady(objects, wanted, {
    timeoutMs: options.timeoutMs,
    graceMs,
    onReady: (workload) => say(`  ready: ${workload}`),
    onProblem: (workload, problem) => say(`  ${workload}: ${problem}`),
  });
  await removeFormer(objects, say);
  if (!options.smokeTest) return;
  say('Trying it out: a page, a submission and a terminal through the frontend, from inside the cluster …');
  await runSmokeTest(objects, backendImage(wanted), (line) => say(`  ${line}`));
}

/** What an earlier run chose and this one did not. */
async function removeUnchosen(
  objects: ClusterObjects,
  wanted: readonly UnknownObject[],
  chosen: readonly OptionalPart[],
  say: Say,
): Promise<void> {
  const kept = new Set(wanted.map(describeObject));
  for (const part of optionalParts) {
    if (chosen.includes(part)) continue;
    for (const object of await readOptionalPart(part)) {
      if (kept.has(describeObject(object))) continue;
      if (await objects.delete(object))
        say(`Removed ${describeObject(object)}: it was not chosen this time.`);
    }
  }
}
