import { mkdtemp } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ClusterAdmission } from './admission/cluster-admission.js';
import { QuotaStatus } from './admission/quota.js';
import { composeApi } from './api/compose.js';
import { writeKubeconfig } from './api/kubeconfig.js';
import { fillCluster, NamespaceDefaults } from './bootstrap.js';
import { createControllers } from './controllers/index.js';
import type { PodRuntime } from './kubelet-contract.js';
import { baseImages, createKubelet, describeNode, ImageTable } from './kubelet/index.js';
import type { ImageEntry, NodeOptions } from './kubelet/index.js';
import type { Log } from './log.js';
import { silent } from './log.js';
import { takeNetwork } from './network/cluster-network.js';
import { EventExpiry } from './store/event-expiry.js';
import { GarbageCollector } from './store/garbage-collector.js';
import { NamespaceCleaner } from './store/namespace-cleaner.js';
import { Registry } from './store/registry.js';

export interface LocalClusterOptions {
  /** 0, the default, takes a free port. */
  port?: number;
  /**
   * The name other containers reach this one by: it then listens on every address. Only where it is alone in a
   * container, which isolates what it does not (docs/adr/0021); loopback is the only place it listens otherwise.
   */
  reachableAs?: string;
  /** Holds the kubeconfig, and the logs and volumes of pods while the cluster runs; made if absent. */
  folder: string;
  /** Images this machine can stand in for, asked before the base images. */
  images?: readonly ImageEntry[];
  /** Name and size of the one node; the machine's own by default. */
  node?: NodeOptions;
  /** `plain` runs containers in the machine's own view, which is quicker to start. */
  isolation?: 'auto' | 'plain';
  /** Bytes after which a container's log is rotated; 10 MiB, as by a kubelet. */
  containerLogMaxBytes?: number;
  /** Where API server, controllers and node say what goes wrong; nowhere by default. */
  log?: Log;
}

export interface LocalCluster {
  /** Base URL; a request needs the token as a bearer token. */
  url: string;
  /** A kubeconfig for kubectl and every client library, readable by its owner. */
  kubeconfigPath: string;
  /** The administrator's bearer token. */
  token: string;
  /** Ends pods, controllers and connections. */
  close(): Promise<void>;
}

const loopback = '127.0.0.1';

/**
 * Starts an API server with its controllers and a node that runs pods as processes of this machine.
 * @throws Error when the port is taken.
 */
export async function startLocalCluster(options: LocalClusterOptions): Promise<LocalCluster> {
  const { port = 0, reachableAs, log = silent } = options;
  const folder = resolve(options.folder);
  const report = (what: string, error: unknown) => {
    log('error', what, error);
  };
  const network = await takeNetwork();
  const registry = new Registry((store) => new ClusterAdmission(store, network.serviceRange), report);
  const parts: { close(): void }[] = [
    new GarbageCollector(registry),
    new NamespaceCleaner(registry),
    new NamespaceDefaults(registry),
    new QuotaStatus(registry),
    new EventExpiry(registry),
  ];
  fillCluster(registry);
  let runtime: PodRuntime | undefined;
  const api = composeApi(registry, log, () => runtime, reachableAs);
  const taken = await api.listen(port, reachableAs === undefined ? loopback : '0.0.0.0');
  const url = `http://${reachableAs ?? loopback}:${taken}`;
  const kubeconfigPath = await writeKubeconfig(folder, url, api.tokens.admin);
  const node = describeNode(options.node);
  // Its own: one that was killed is still being cleaned up after when the next has started.
  const root = await mkdtemp(join(folder, 'node-'));
  const kubelet = await createKubelet({
    store: registry,
    node,
    images: new ImageTable([...(options.images ?? []), ...baseImages]),
    apiServer: { host: loopback, port: taken },
    network: network.start(registry, report),
    root,
    issueToken: ({ namespace, serviceAccount, audience, expirationSeconds }) => {
      const { uid } = registry.existing('serviceaccounts', namespace, serviceAccount).metadata;
      const account = { namespace, name: serviceAccount, uid };
      return api.tokens.issue(account, expirationSeconds, audience === undefined ? undefined : [audience]);
    },
    ...(options.isolation === undefined ? {} : { isolation: options.isolation }),
    ...(options.containerLogMaxBytes === undefined
      ? {}
      : { containerLogMaxBytes: options.containerLogMaxBytes }),
  });
  runtime = kubelet;
  const controllers = createControllers({
    store: registry,
    nodeName: node.name,
    volumesFolder: join(root, 'persistent'),
    report,
  });
  log('info', `emulator cluster ready at ${url}; pods are processes of this machine (${kubelet.isolation})`);
  return {
    url,
    kubeconfigPath,
    token: api.tokens.admin,
    async close() {
      controllers.close();
      parts.forEach((part) => {
        part.close();
      });
      await api.close();
      await kubelet.close();
      network.close();
    },
  };
}
