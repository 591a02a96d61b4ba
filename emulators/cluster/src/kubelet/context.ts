import type { EventRecorder } from '../controllers/event-recorder.js';
import type { Timing } from '../controllers/timing.js';
import type { ObjectStore } from '../store/object-store.js';
import type { PodNetwork } from '../network/pod-network.js';
import type { ImageTable } from './images.js';
import type { InClusterAccess } from './in-cluster.js';
import type { Node } from './node.js';
import type { Isolation } from './process/isolation.js';
import type { TokenIssuer } from './volumes.js';

/** What every part of the kubelet works with. */
export interface KubeletContext {
  store: ObjectStore;
  node: Node;
  images: ImageTable;
  isolation: Isolation;
  network: PodNetwork;
  timing: Timing;
  events: EventRecorder;
  issueToken: TokenIssuer;
  /** Variables every container gets: PATH, HOME and where the API server is. */
  baseEnvironment: Readonly<Record<string, string>>;
  /** What every image holds: folder in the container to folder of the machine. */
  files: Readonly<Record<string, string>>;
  /** What containers with a service account get besides. */
  account: InClusterAccess;
  /** Bytes after which a container's log continues in a new file, and the API serves that one alone. */
  containerLogMaxBytes: number | undefined;
  /** Folder of all pods. */
  root: string;
  /** Told of each process group that begins and ends, so that none outlives the cluster. */
  groups: { add(group: number): void; delete(group: number): void };
}
