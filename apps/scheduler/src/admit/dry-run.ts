import { setTimeout as sleep } from 'node:timers/promises';
import { JOBS, type KubeApi, resourcePath } from '@cloudemy/k8s';
import type { Logger } from '@cloudemy/service';
import type { Config } from '../config.js';
import { buildRunnerJob } from '../create/manifest.js';
import { type CreationError, classify } from '../create/creation-error.js';

const retryMs = 5_000;

/** Of a submission that nobody can have. */
const sample = {
  submission_id: '0'.repeat(24),
  attempt: 1,
  result_token: 'none',
  request_id: 'trying-out',
  traceparent: undefined,
};

export interface DryRunOptions {
  /** Told at each refusal why there is no going on yet. */
  onRefused: (why: string) => void;
  signal: AbortSignal;
  /** Milliseconds between two tries. */
  everyMs?: number;
}

/**
 * Asks the API server whether it would take a runner Job as this scheduler makes them, without creating it, and
 * waits until it would: what an operator got wrong must hold work back, not fail everybody's submissions.
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
    const why = await whyRefused(api, config, signal);
    if (why === undefined) break;
    onRefused(why);
    if (why !== told) log.error({ why }, `no submission is taken: ${why}`);
    told = why;
    await sleep(everyMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
  if (told !== undefined) log.info('the cluster takes Jobs now');
}

async function whyRefused(api: KubeApi, config: Config, signal: AbortSignal): Promise<string | undefined> {
  const path = resourcePath(JOBS, { namespace: config.K8S_NAMESPACE });
  try {
    await api.create(path, buildRunnerJob(config, sample), { dryRun: true, signal });
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return sentenceOf(classify(error), error);
  }
}

/** A quota passes: who waits for it is told so, each submission for itself. */
function sentenceOf(refusal: CreationError, error: unknown): string | undefined {
  switch (refusal.kind) {
    case 'quota':
    case 'again':
      return undefined;
    case 'final':
      return `${refusal.failure.message} Mend the RUNNER_* variables of the scheduler or the cluster's rules.`;
    default:
      return `The cluster takes no Jobs: ${error instanceof Error ? error.message : String(error)}`;
  }
}
