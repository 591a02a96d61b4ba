import { availableParallelism, arch, hostname, platform, release, totalmem } from 'node:os';
import { seconds } from '../controllers/clock.js';
import type { ObjectStore } from '../store/object-store.js';
import { LOOPBACK } from './downward.js';

/** The machine, as the one node of the cluster. */
export interface Node {
  name: string;
  /** What pods may request of it, by resource name. */
  allocatable: Record<string, string>;
}

export interface NodeOptions {
  name?: string;
  /** Pods at once: the cap on processes. 110 is the kubelet's default. */
  pods?: number;
  /** Cores and bytes offered to pods; the machine's own by default. */
  cpu?: number;
  memory?: number;
}

/** Describes this machine. */
export function describeNode(options: NodeOptions = {}): Node {
  return {
    name: options.name ?? 'local',
    allocatable: {
      cpu: String(options.cpu ?? availableParallelism()),
      'ephemeral-storage': '100Gi',
      memory: `${Math.floor((options.memory ?? totalmem()) / 1024)}Ki`,
      pods: String(options.pods ?? 110),
    },
  };
}

function nodeCondition(type: string, status: string, reason: string, message: string): object {
  const now = seconds();
  return { type, status, lastHeartbeatTime: now, lastTransitionTime: now, reason, message };
}

/** Writes the Node object, once. */
export function registerNode(store: ObjectStore, node: Node): void {
  if (store.get('nodes', undefined, node.name) !== undefined) {
    return;
  }
  const system = arch() === 'x64' ? 'amd64' : arch();
  store.create('nodes', {
    metadata: {
      name: node.name,
      labels: {
        'kubernetes.io/arch': system,
        'kubernetes.io/hostname': node.name,
        'kubernetes.io/os': platform(),
      },
    },
    spec: {},
    status: {
      capacity: node.allocatable,
      allocatable: node.allocatable,
      conditions: [
        nodeCondition(
          'MemoryPressure',
          'False',
          'KubeletHasSufficientMemory',
          'kubelet has sufficient memory available',
        ),
        nodeCondition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
        nodeCondition(
          'PIDPressure',
          'False',
          'KubeletHasSufficientPID',
          'kubelet has sufficient PID available',
        ),
        nodeCondition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
      ],
      addresses: [
        { type: 'InternalIP', address: LOOPBACK },
        { type: 'Hostname', address: hostname() },
      ],
      nodeInfo: {
        architecture: system,
        bootID: '',
        containerRuntimeVersion: 'local-process://1',
        kernelVersion: release(),
        kubeProxyVersion: '',
        kubeletVersion: 'v1.36.2',
        machineID: '',
        operatingSystem: platform(),
        osImage: platform(),
        systemUUID: '',
      },
    },
  });
}
