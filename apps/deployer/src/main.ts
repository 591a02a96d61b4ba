import { authenticateByBackend } from '@cloudemy/auth';
import { type Cluster, ClusterConfigError, connectCluster } from '@cloudemy/k8s';
import { ConfigError, runService } from '@cloudemy/service';
import { type DeployerConfig, readConfig } from './config.js';
import { startDeployer } from './start.js';

await runService({
  name: 'deployer',
  config: () => readConfig(process.env),
  start: async ({ config, log, lifecycle, tracer }) => {
    const cluster = connect(config);
    const authenticate = authenticateByBackend(config);
    await startDeployer({ config, cluster, authenticate, log, lifecycle, tracer });
  },
});

/** By the kubeconfig that was named, else by the service account of the pod. */
function connect({ KUBECONFIG }: DeployerConfig): Cluster {
  try {
    return connectCluster(KUBECONFIG === undefined ? { inCluster: true } : { kubeconfig: KUBECONFIG });
  } catch (error) {
    if (error instanceof ClusterConfigError) {
      throw new ConfigError(`KUBECONFIG: ${error.message}`, { cause: error });
    }
    throw error;
  }
}
