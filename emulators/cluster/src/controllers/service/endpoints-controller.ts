import { asObject, asString, at } from '../../json.js';
import type { Pod } from '../../kubelet/pod.js';
import { isFinished, isPod } from '../../kubelet/pod.js';
import type { KubeObject } from '../../objects.js';
import { ApiError } from '../../store/api-error.js';
import type { NewObject, ObjectStore, StoreEvent } from '../../store/object-store.js';
import { seconds } from '../clock.js';
import { controllerReference } from '../ownership.js';
import { WorkQueue } from '../work-queue.js';
import { endpointPorts, sliceEndpoint } from './endpoint-parts.js';

const SLICES = 'endpointslices.discovery.k8s.io';
const SERVICE_NAME = 'kubernetes.io/service-name';
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
