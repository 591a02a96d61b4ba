import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { asNumber, asString, at, objectsIn } from '../json.js';
import type { KubeObject } from '../objects.js';
import type { ObjectStore, StoreEvent } from '../store/object-store.js';
import { WorkQueue } from '../controllers/work-queue.js';
import type { Endpoint } from './service-endpoints.js';
import { endpointsOf, SERVICE_NAME, SERVICES, SLICES } from './service-endpoints.js';

interface Target {
  host: string;
  port: number;
}

/** Takes connections to one port of a Service and passes each on to one of its pods, in turn. */
class ServicePort {
  targets: readonly Target[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #next = 0;

  constructor(host: string, port: number, report: (error: Error) => void) {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#take(socket));
    this.#server.on('error', report);
    this.#server.listen({ host, port });
    this.#server.unref();
  }

  /** Takes no further connections; those that are there go on. */
  stop(): void {
    this.#server.close();
  }

  cut(): void {
    this.stop();
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }

  /** Who cannot be reached is passed over, as long as another is left. */
  #take(client: Socket, tries = this.targets.length): void {
    this.#keep(client);
    const target = this.targets[this.#next++ % this.targets.length];
    if (target === undefined || tries <= 0) {
      client.resetAndDestroy();
      return;
    }
    const pod = connect({ ...target, allowHalfOpen: true, noDelay: true });
    this.#keep(pod);
    pod.once('error', () => this.#take(client, tries - 1));
    pod.once('connect', () => {
      if (client.destroyed) {
        pod.destroy();
        return;
      }
      pod.removeAllListeners('error');
      pod.on('error', () => client.resetAndDestroy());
      client.on('error', () => pod.resetAndDestroy());
      pod.on('close', () => client.destroySoon());
      client.on('close', () => pod.destroySoon());
      client.pipe(pod);
      pod.pipe(client);
    });
  }

  #keep(socket: Socket): void {
    if (!this.#sockets.has(socket)) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => this.#sockets.delete(socket));
    }
  }
}

/** Where connections to a port may go: to pods that are ready, else to those that still serve as they end. */
function targetsOf(endpoints: readonly Endpoint[], port: string): Target[] {
  const ready = endpoints.filter((endpoint) => endpoint.ready);
  const usable = ready.length > 0 ? ready : endpoints.filter(({ serving }) => serving);
  return usable.flatMap(({ address, ports }) => {
    const number = ports.get(port);
    return number === undefined ? [] : [{ host: address, port: number }];
  });
}

/** Listens at the addresses of Services: what kube-proxy does with rules in the kernel. TCP only. */
export class ServiceProxy {
  readonly #store: ObjectStore;
  readonly #prefix: string;
  readonly #report: (what: string, error: unknown) => void;
  readonly #queue: WorkQueue;
  readonly #ports = new Map<string, Map<string, ServicePort>>();
  readonly #unsubscribe: () => void;

  /** @param prefix of the addresses that can be listened at */
  constructor(store: ObjectStore, prefix: string, report: (what: string, error: unknown) => void) {
    this.#store = store;
    this.#prefix = `${prefix}.`;
    this.#report = report;
    this.#queue = new WorkQueue((key) => this.#sync(key), report);
    this.#unsubscribe = store.subscribe((event) => this.#look(event));
  }

  close(): void {
    this.#unsubscribe();
    this.#queue.close();
    for (const ports of this.#ports.values()) {
      ports.forEach((port) => port.cut());
    }
  }

  #look({ resource, object: { metadata } }: StoreEvent): void {
    const name = resource === SERVICES ? metadata.name : metadata.labels?.[SERVICE_NAME];
    if ((resource === SERVICES || resource === SLICES) && name !== undefined) {
      this.#queue.add(`${metadata.namespace}/${name}`);
    }
  }

  #sync(key: string): void {
    const [namespace = '', name = ''] = key.split('/');
    const service = this.#store.get(SERVICES, namespace, name);
    const wanted = service === undefined ? new Map<string, Target[]>() : this.#wanted(service);
    const open = this.#ports.get(key) ?? new Map<string, ServicePort>();
    for (const [place, port] of open) {
      if (!wanted.has(place)) {
        port.stop();
        open.delete(place);
      }
    }
    for (const [place, targets] of wanted) {
      const port = open.get(place) ?? this.#open(key, place);
      port.targets = targets;
      open.set(place, port);
    }
    if (open.size === 0) {
      this.#ports.delete(key);
    } else {
      this.#ports.set(key, open);
    }
  }

  /** Where to listen, with where connections go. With nobody to take them, connections are refused. */
  #wanted(service: KubeObject): Map<string, Target[]> {
    const host = asString(at(service, 'spec', 'clusterIP')) ?? '';
    const wanted = new Map<string, Target[]>();
    if (!host.startsWith(this.#prefix)) {
      return wanted;
    }
    const endpoints = endpointsOf(this.#store, service);
    for (const port of objectsIn(at(service, 'spec', 'ports'))) {
      const targets = targetsOf(endpoints, asString(port['name']) ?? '');
      if ((asString(port['protocol']) ?? 'TCP') === 'TCP' && targets.length > 0) {
        wanted.set(`${host}:${asNumber(port['port']) ?? 0}`, targets);
      }
    }
    return wanted;
  }

  #open(key: string, place: string): ServicePort {
    const [host = '', port = ''] = place.split(':');
    return new ServicePort(host, Number(port), (error) => {
      this.#report(`Service ${key} at ${place}`, error);
      this.#ports.get(key)?.delete(place);
    });
  }
}
