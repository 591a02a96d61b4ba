import { jobLabels } from '@cloudemy/contracts';
import { JOBS, type KubeApi, SECRETS, type UnknownObject, resourcePath } from '@cloudemy/k8s';
import { ConfigError, type Logger } from '@cloudemy/service';

/** Milliseconds that the cluster gets to answer: a start does not hang on it. */
const timeoutMs = 5_000;

/**
 * Holds it that no runner lives where people may deploy: what they deploy could read the model's key and the Secrets of
 * the namespace. A cluster that does not answer now cannot be asked, which is told.
 *
 * @throws ConfigError naming the namespace and what was found
 */
export async function refuseRunnersNamespaces(
  api: KubeApi,
  namespaces: readonly string[],
  log: Logger,
): Promise<void> {
  const labelSelector = `${jobLabels.component}=${jobLabels.componentValue}`;
  for (const namespace of namespaces) {
    for (const type of [JOBS, SECRETS]) {
      const found = await listed(api, resourcePath(type, { namespace }), labelSelector, log);
      const name = found[0]?.metadata.name;
      if (name === undefined) continue;
      throw new ConfigError(
        `DEPLOYER_NAMESPACES: runners work in the namespace ${namespace} (${type.resource}/${name}): whoever deploys ` +
          'there could read what runners are given, such as the key of the model. Give benchmarks or runners ' +
          '(K8S_NAMESPACE of the scheduler) a namespace of their own, and remove what runners left there.',
      );
    }
  }
}

async function listed(
  api: KubeApi,
  path: string,
  labelSelector: string,
  log: Logger,
): Promise<UnknownObject[]> {
  try {
    const { items } = await api.list<UnknownObject>(path, { labelSelector, limit: 1, timeoutMs });
    return items;
  } catch (error) {
    log.warn({ err: error, path }, 'the cluster cannot be asked whether runners work where people deploy');
    return [];
  }
}
