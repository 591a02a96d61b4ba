import { ConnectionPool } from './connection-pool.js';
import { CredentialSource } from './credentials.js';
import { ClusterConfigError } from './errors.js';
import { KubeApi } from './kube-api.js';
import { type ClusterSource, describeSource, loadKubeConfig } from './kubeconfig.js';
import { Transport } from './transport.js';

export interface ConnectOptions extends ClusterSource {
  /** Milliseconds for a request, or for a stream until it begins. */
  requestTimeoutMs?: number | undefined;
}

export interface Cluster {
  readonly api: KubeApi;
  /** The API server's URL. */
  readonly server: string;
  /** The kubeconfig's context. */
  readonly context: string;
  /** The context's namespace, if it names one. */
  readonly namespace: string | undefined;
  /** Cuts every connection, watches and logs included. */
  close(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 30_000;

/**
 * Prepares access to the cluster that was named. Sends nothing yet: a cluster that is down shows at the
 * first request.
 * @throws {ClusterConfigError} when no cluster was named or its configuration cannot be used
 */
export function connectCluster(options: ConnectOptions): Cluster {
  const config = loadKubeConfig(options);
  const cluster = config.getCurrentCluster();
  const context = config.getCurrentContext();
  if (cluster === null || !/^https?:\/\/[^/]/.test(cluster.server) || !URL.canParse(cluster.server)) {
    throw new ClusterConfigError(`${describeSource(options)}: context ${context} names no server`);
  }
  const credentials = new CredentialSource(() => loadKubeConfig(options), config);
  const pool = new ConnectionPool(cluster.proxyUrl === undefined ? undefined : config);
  const server = cluster.server.replace(/\/$/, '');
  const timeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  return {
    api: new KubeApi(new Transport(server, credentials, pool, timeoutMs)),
    server,
    context,
    namespace: config.getContextObject(context)?.namespace,
    close: () => pool.close(),
  };
}
