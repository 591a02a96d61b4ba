import { asObject, asString, at, objectsIn } from '../../json.js';
import type { Pod } from '../../kubelet/pod.js';
import { isFinished, isPod, isReady } from '../../kubelet/pod.js';
import type { KubeObject } from '../../objects.js';
import { ApiError } from '../../store/api-error.js';
import type { NewObject, ObjectStore, StoreEvent } from '../../store/object-store.js';
import { seconds } from '../clock.js';
import { controllerReference } from '../ownership.js';
import { SERVICE_NAME, SLICES } from '../../network/service-endpoints.js';
import { WorkQueue } from '../work-queue.js';

const HEADLESS = 'service.kubernetes.io/headless';
const TRIGGER = 'endpoints.kubernetes.io/last-change-trigger-time';

function selectorOf(service: KubeObject): [string, string][] {
  return Object.entries(asObject(at(service, 'spec', 'selector'))).map(([key, value]) => [
    key,
    String(value),
  ]);
}

function selects(service: KubeObject, object: KubeObject): boolean {
  const selector = selectorOf(service);
  return selector.length > 0 && selector.every(([key, value]) => object.metadata.labels?.[key] === value);
}

/** Writes which pods stand behind each Service: an EndpointSlice. */
export class EndpointsController {
  readonly #store: ObjectStore;
  readonly #queue: WorkQueue;

  constructor(store: ObjectStore, report: (key: string, error: unknown) => void) {
    this.#store = store;
    this.#queue = new WorkQueue((key) => this.#sync(key), report);
  }

  apply({ resource, object, previous }: StoreEvent): void {
    if (resource === 'services') {
      this.#add(object);
    } else if (resource === 'pods') {
      const namespace = object.metadata.namespace ?? '';
      for (const service of this.#store.list('services', { namespace })) {
        if (selects(service, object) || (previous !== undefined && selects(service, previous))) {
          this.#add(service);
        }
      }
    }
  }

  close(): void {
    this.#queue.close();
  }

  #add(service: KubeObject): void {
    this.#queue.add(`${service.metadata.namespace}/${service.metadata.name}`);
  }

  #sync(key: string): void {
    const [namespace = '', name = ''] = key.split('/');
    const service = this.#store.get('services', namespace, name);
    if (service === undefined || selectorOf(service).length === 0) {
      return;
    }
    const pods = this.#store
      .list('pods', { namespace })
      .filter(isPod)
      .filter((pod) => selects(service, pod) && !isFinished(pod) && pod.status?.podIP !== undefined);
    this.#writeSlice(service, pods);
  }

  #labels(service: KubeObject): Record<string, string> {
    return at(service, 'spec', 'clusterIP') === 'None' ? { [HEADLESS]: '' } : {};
  }

  #writeSlice(service: KubeObject, pods: readonly Pod[]): void {
    const { namespace = '', name } = service.metadata;
    const [first] = pods;
    const endpoints = pods.length === 0 ? null : pods.map((pod) => sliceEndpoint(service, pod));
    const ports = first === undefined ? null : endpointPorts(service, first);
    const labelSelector = `${SERVICE_NAME}=${name}`;
    const slice = this.#store
      .list(SLICES, { namespace, labelSelector })
      .find(({ metadata }) => asString(metadata.ownerReferences?.[0]?.uid) === service.metadata.uid);
    if (slice !== undefined) {
      this.#store.update(SLICES, namespace, slice.metadata.name, (draft) => {
        draft['endpoints'] = endpoints;
        draft['ports'] = ports;
      });
      return;
    }
    this.#create(SLICES, {
      metadata: {
        generateName: `${name}-`,
        namespace,
        labels: {
          'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
          [SERVICE_NAME]: name,
          ...this.#labels(service),
        },
        annotations: { [TRIGGER]: seconds() },
        ownerReferences: [controllerReference(service)],
      },
      addressType: 'IPv4',
      endpoints,
      ports,
    });
  }

  /** In a namespace that is going nothing can be created: the Service goes, too. */
  #create(resource: string, object: NewObject): void {
    try {
      this.#store.create(resource, object);
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 403)) {
        throw error;
      }
    }
  }
}

/** A port of a Service as its pods offer it. */
interface EndpointPort {
  name: string;
  port: number;
  protocol: string;
}

/** Resolves a Service's target ports against one of its pods (names differ from pod to pod only in theory). */
function endpointPorts(service: KubeObject, pod: Pod): EndpointPort[] {
  return objectsIn(at(service, 'spec', 'ports')).flatMap((port) => {
    const target = port['targetPort'] ?? port['port'];
    const named = pod.spec.containers
      .flatMap(({ ports = [] }) => ports)
      .find(({ name }) => name === target)?.containerPort;
    const number = typeof target === 'number' ? target : named;
    return number === undefined
      ? []
      : [{ name: asString(port['name']) ?? '', port: number, protocol: asString(port['protocol']) ?? 'TCP' }];
  });
}

function targetRef(pod: Pod): object {
  const { namespace, name, uid } = pod.metadata;
  return { kind: 'Pod', namespace, name, uid };
}

/** The Service wants pods before they are ready, too. */
function publishesAll(service: KubeObject): boolean {
  return at(service, 'spec', 'publishNotReadyAddresses') === true;
}

/** The name a pod has below the Service's, if it asks for one there. */
function hostnameOf(service: KubeObject, { spec }: Pod): { hostname?: string } {
  const { hostname } = spec;
  return hostname !== undefined && spec['subdomain'] === service.metadata.name ? { hostname } : {};
}

/** One entry of an EndpointSlice. */
function sliceEndpoint(service: KubeObject, pod: Pod): object {
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const serving = isReady(pod);
  return {
    addresses: [pod.status?.podIP],
    conditions: { ready: publishesAll(service) || (serving && !terminating), serving, terminating },
    ...hostnameOf(service, pod),
    targetRef: targetRef(pod),
    nodeName: pod.spec.nodeName,
  };
}
