import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { type KubeApi, LeaderElection } from '@cloudemy/k8s';
import type { Logger } from '@cloudemy/service';
import type { Config } from './config.js';
import { leaseNameOf } from './requirements.js';

/**
 * How long others wait for a leader that died, in seconds. Short, as leading twice for a moment does no harm: every
 * report can be repeated.
 */
const leaseDurationSeconds = 5;

/** Takes part in choosing the one replica that reports and reconciles. Not started yet. */
export function createElection(
  api: KubeApi,
  { K8S_NAMESPACE, INSTANCE }: Pick<Config, 'K8S_NAMESPACE' | 'INSTANCE'>,
  log: Logger,
  onElected: () => void,
): LeaderElection {
  return new LeaderElection(api, {
    namespace: K8S_NAMESPACE,
    name: leaseNameOf(INSTANCE),
    // A pod that restarts keeps its hostname, so the name alone could mean a process that died.
    identity: `${hostname()}-${randomUUID().slice(0, 8)}`,
    leaseDurationSeconds,
    onElected: (leadership) => {
      log.info('leading: reporting what becomes of Jobs, and reconciling');
      leadership.addEventListener('abort', () => log.info('no longer leading'), { once: true });
      onElected();
    },
    onError: (error) => {
      log.warn({ err: error }, 'the lease of the leading replica cannot be read or written');
    },
  });
}
