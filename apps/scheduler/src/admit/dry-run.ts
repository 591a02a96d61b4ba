import { setTimeout as sleep } from 'node:timers/promises';
import { type Hold, failure } from '@cloudemy/contracts';
import { JOBS, type KubeApi, resourcePath } from '@cloudemy/k8s';
import type { Logger } from '@cloudemy/service';
import type { Config } from '../config.js';
import { classify } from '../create/creation-error.js';
import { buildRunnerJob } from '../create/manifest.js';

const retryMs = 5_000;

/** Of a submission that nobody can have. */
const sample = {
  submission_id: '0'.repeat(24),
  attempt: 1,
  result_token: 'none',
  request_id: 'dry-run',
  traceparent: undefined,
};

/**
 * Asks the API server whether it would take a runner Job as this scheduler makes them, without creating it.
 *
 * @throws what the cluster's client throws
 */
export async function dryRun(api: KubeApi, config: Config, signal?: AbortSignal): Promise<void> {
  const path = resourcePath(JOBS, { namespace: config.K8S_NAMESPACE });
  await api.create(path, buildRunnerJob(config, sample), { dryRun: true, signal });
}

export interface DryRunOptions {
  /** Told at each refusal why nothing begins yet. */
  onRefused: (hold: Pick<Hold, 'code' | 'message'>) => void;
  signal: AbortSignal;
  /** Milliseconds between two tries. */
  everyMs?: number;
}

/**
 * Waits until the API server would take a runner Job: what an operator got wrong must hold work back, not fail
 * everybody's submissions.
 *
 * @throws the signal's reason when aborted while waiting
 */
export async function untilDryRunSucceeds(
  api: KubeApi,
  config: Config,
  log: Logger,
  { onRefused, signal, everyMs = retryMs }: DryRunOptions,
): Promise<void> {
  let told: string | undefined;
  for (;;) {
    const refused = await whyRefused(api, config, signal);
    if (refused === undefined) break;
    onRefused(refused);
    const { message: why } = refused;
    if (why !== told) log.error({ why }, `no submission is taken: ${why}`);
    told = why;
    await sleep(everyMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
  if (told !== undefined) log.info('the cluster takes Jobs now');
}

async function whyRefused(api: KubeApi, config: Config, signal: AbortSignal) {
  try {
    await dryRun(api, config, signal);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return refusalOf(error);
  }
}

/** A quota passes, and a Job that is in the way was none: neither keeps a scheduler from beginning. */
function refusalOf(error: unknown): Pick<Hold, 'code' | 'message'> | undefined {
  const classified = classify(error);
  if (classified.kind === 'again') return undefined;
  const { code, message } = classified.failure;
  if (code === 'quota_exceeded') return undefined;
  if (classified.kind === 'outage') return { code, message };
  const hint = "Correct the RUNNER_* variables of the scheduler or the cluster's rules";
  return failure(code, { sentence: `${message} ${hint}` });
}
