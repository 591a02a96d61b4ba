import { setTimeout as sleep } from 'node:timers/promises';
import { type KubeApi, KubeApiError, KubeConnectionError, checkPermissions, isNotFound } from '@cloudemy/k8s';
import { checkRedis } from '@cloudemy/redis';
import { ConfigError, type Logger } from '@cloudemy/service';
import type { Redis } from 'ioredis';
import type { Config } from './config.js';
import { requirementsOf } from './requirements.js';

const retryMs = 2_000;

/**
 * Asks the cluster whether the scheduler may do all it does; waits for a cluster that cannot be reached yet.
 *
 * @throws ConfigError naming every missing right
 * @throws the signal's reason when aborted while waiting
 */
export async function assertPermissions(
  api: KubeApi,
  { K8S_NAMESPACE, INSTANCE }: Pick<Config, 'K8S_NAMESPACE' | 'INSTANCE'>,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const requirements = requirementsOf(K8S_NAMESPACE, INSTANCE);
  for (;;) {
    try {
      const permissions = await checkPermissions(api, requirements, { signal });
      const missing = permissions.filter(({ allowed }) => !allowed).map(({ sentence }) => sentence);
      if (missing.length === 0) return;
      throw new ConfigError(
        `The cluster does not let the scheduler do its work. Grant its account: ${missing.join(', ')}.`,
      );
    } catch (error) {
      const passing =
        error instanceof KubeConnectionError || (error instanceof KubeApiError && error.status >= 500);
      if (!passing) throw error;
      log.warn({ err: error }, 'the cluster does not answer yet');
      await sleep(retryMs, undefined, { signal });
    }
  }
}

/**
 * Waits until Redis can do its work: one in cluster mode, a replica or one without rights would only answer each command
 * with a refusal.
 *
 * @param onRefused is told each time why it cannot
 * @throws the signal's reason when aborted while waiting
 */
export async function untilRedisWorks(
  redis: Redis,
  log: Logger,
  signal: AbortSignal,
  onRefused: (why: string) => void,
): Promise<void> {
  let told: string | undefined;
  for (;;) {
    const why = await checkRedis(redis).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    if (why === undefined) return;
    onRefused(why);
    if (why !== told) log.error({ why }, `no submission is taken: ${why}`);
    told = why;
    await sleep(retryMs / 10, undefined, { signal });
  }
}

/** Says so early when the model's key is not there: every Job would wait for it. Without the right to look, silent. */
export async function warnWithoutSecret(
  api: KubeApi,
  namespace: string,
  name: string,
  log: Logger,
): Promise<void> {
  try {
    await api.get(`/api/v1/namespaces/${namespace}/secrets/${name}`);
  } catch (error) {
    if (!isNotFound(error)) return;
    log.warn(
      { secret: name, namespace },
      `there is no Secret ${name} with the key of the LLM: graders will wait for it, then fail`,
    );
  }
}
