import type { EventRecorder } from '../controllers/event-recorder.js';
import type { Timing } from '../controllers/timing.js';
import type { ObjectStore } from '../store/object-store.js';
import type { ImageTable } from './images.js';
import type { Node } from './node.js';
import type { Isolation } from './process/isolation.js';
import type { TokenIssuer } from './volumes.js';

/** What every part of the kubelet works with. */
export interface KubeletContext {
  store: ObjectStore;
  node: Node;
  images: ImageTable;
  isolation: Isolation;
  timing: Timing;
  events: EventRecorder;
  issueToken: TokenIssuer;
  /** Variables every container gets: PATH, HOME and where the API server is. */
  baseEnvironment: Readonly<Record<string, string>>;
  /** What every image holds: folder in the container to folder of the machine. */
  files: Readonly<Record<string, string>>;
  /** Folder of all pods. */
  root: string;
  /** Told of each process group that begins and ends, so that none outlives the cluster. */
  groups: { add(group: number): void; delete(group: number): void };
}
