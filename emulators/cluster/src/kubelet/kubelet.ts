import { mkdtempSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { EventRecorder } from '../controllers/event-recorder.js';
import type { Timing } from '../controllers/timing.js';
import { recordedTiming } from '../controllers/timing.js';
import type { PodRuntime } from '../kubelet-contract.js';
import type { PodNetwork } from '../network/pod-network.js';
import { machineNetwork } from '../network/pod-network.js';
import type { ObjectStore, StoreEvent } from '../store/object-store.js';
import type { KubeletContext } from './context.js';
import { ImageTable } from './images.js';
import { inClusterAccess } from './in-cluster.js';
import { describeNode, registerNode } from './node.js';
import type { Node } from './node.js';
import type { Pod } from './pod.js';
import { isFinished, isPod } from './pod.js';
import { PodWorker } from './pod-worker.js';
import { chooseIsolation, plainIsolation } from './process/isolation.js';
import { rootHome } from './process/view.js';
import { createRuntime } from './runtime.js';
import type { TokenIssuer } from './volumes.js';
import { Watchdog } from './watchdog.js';

export interface KubeletOptions {
  store: ObjectStore;
  node?: Node;
  images?: ImageTable;
  timing?: Timing;
  /** Addresses of pods, and the names they know; the machine's own by default. */
  network?: PodNetwork;
  /** Where containers find the API server: KUBERNETES_SERVICE_HOST and _PORT. */
  apiServer?: { host: string; port: number };
  /** Tokens for service accounts; a fixed word by default. */
  issueToken?: TokenIssuer;
  /** Folder for pods; a new one among the temporary files by default. It is removed on `close`. */
  root?: string;
  /** `plain` leaves containers in the machine's view; by default the strongest on offer is chosen. */
  isolation?: 'auto' | 'plain';
  /** Bytes after which a container's log is rotated. */
  containerLogMaxBytes?: number;
}

export interface Kubelet extends PodRuntime {
  readonly node: Node;
  /** `view`: containers have namespaces and files of their own. `plain`: they share the machine's. */
  readonly isolation: 'view' | 'plain';
  /** Kills every process and removes every file of every pod. */
  close(): Promise<void>;
}

/** Where containers find the Node.js that runs the cluster, whatever they mount over the place it is in. */
const nodeInView = '/.cloudemy/bin';

function environment(
  apiServer: { host: string; port: number } | undefined,
  nodeFolder: string,
  home: string,
): Record<string, string> {
  const path = [nodeFolder, process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'];
  const { host = '', port = 0 } = apiServer ?? {};
  return {
    PATH: path.join(delimiter),
    HOME: home,
    ...(apiServer === undefined
      ? {}
      : { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: String(port) }),
  };
}

/** Without a view of its own, a shell would run what the machine's user has set up, and write into the user's history. */
async function plainHome(root: string): Promise<string> {
  const home = join(root, 'home');
  await mkdir(home, { recursive: true });
  return home;
}

/** Starts the pod runtime of the one node. Pods bound to the node run as processes of this machine. */
export async function createKubelet(options: KubeletOptions): Promise<Kubelet> {
  const { store } = options;
  const node = options.node ?? describeNode();
  const root = options.root ?? mkdtempSync(join(tmpdir(), 'emulator-cluster-'));
  const watchdog = new Watchdog(root);
  const isolation =
    options.isolation === 'plain' ? plainIsolation : await chooseIsolation(join(root, 'probe'));
  const nodeFolder = dirname(process.execPath);
  const inView = isolation.kind === 'view';
  const context: KubeletContext = {
    store,
    node,
    isolation,
    network: options.network ?? machineNetwork,
    images: options.images ?? new ImageTable(),
    timing: options.timing ?? recordedTiming,
    events: new EventRecorder(store, { component: 'kubelet', host: node.name }),
    issueToken: options.issueToken ?? (() => 'emulator-cluster'),
    baseEnvironment: inView
      ? environment(options.apiServer, nodeInView, rootHome)
      : environment(options.apiServer, nodeFolder, await plainHome(root)),
    files: inView ? { [nodeInView]: nodeFolder } : {},
    account:
      inView && options.apiServer !== undefined
        ? inClusterAccess(options.apiServer, root)
        : { environment: {}, files: {} },
    containerLogMaxBytes: options.containerLogMaxBytes,
    root: join(root, 'pods'),
    groups: watchdog,
  };
  registerNode(store, node);
  const workers = new Map<string, PodWorker>();
  const removals = new Set<Promise<void>>();

  const take = (pod: Pod): void => {
    const worker = workers.get(pod.metadata.uid);
    if (worker !== undefined) {
      worker.update(pod);
    } else if (pod.spec.nodeName === node.name && !isFinished(pod)) {
      workers.set(pod.metadata.uid, new PodWorker(context, pod));
    }
  };
  const drop = (uid: string): void => {
    const removal = workers.get(uid)?.remove() ?? Promise.resolve();
    workers.delete(uid);
    removals.add(removal);
    void removal.finally(() => removals.delete(removal));
  };
  const unsubscribe = store.subscribe(({ resource, type, object }: StoreEvent) => {
    if (resource !== 'pods' || !isPod(object)) {
      return;
    }
    if (type === 'DELETED') {
      drop(object.metadata.uid);
    } else {
      take(object);
    }
  });
  for (const object of store.list('pods')) {
    if (isPod(object)) {
      take(object);
    }
  }
  return {
    node,
    isolation: isolation.kind,
    ...createRuntime(isolation, (uid) => workers.get(uid), context.groups),
    close: async () => {
      unsubscribe();
      for (const uid of workers.keys()) {
        drop(uid);
      }
      await Promise.all(removals);
      await watchdog.close();
    },
  };
}
