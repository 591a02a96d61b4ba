import { ClusterConfigError, type Cluster, connectCluster } from '@cloudemy/k8s';
import { ConfigError, runService } from '@cloudemy/service';
import { type Config, readConfig } from './config.js';
import { startScheduler } from './start.js';

await runService({
  name: 'scheduler',
  config: () => readConfig(process.env),
  start: async ({ config, log, lifecycle, tracer }) => {
    await startScheduler({ config, cluster: connect(config), log, lifecycle, tracer });
  },
});

/** By the kubeconfig that was named, else by the service account of the pod. */
function connect({ KUBECONFIG }: Config): Cluster {
  try {
    return connectCluster(KUBECONFIG === undefined ? { inCluster: true } : { kubeconfig: KUBECONFIG });
  } catch (error) {
    if (error instanceof ClusterConfigError) {
      throw new ConfigError(`KUBECONFIG: ${error.message}`, { cause: error });
    }
    throw error;
  }
}
