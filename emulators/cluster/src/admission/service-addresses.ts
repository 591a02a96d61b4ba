import { asObject, asString, at, objectsIn } from '../json.js';
import type { JsonObject } from '../json.js';
import type { KubeObject } from '../objects.js';
import type { Registry } from '../store/registry.js';
import { setDefaults } from './defaults/set.js';

/** kubeadm's default; nothing listens on these addresses. */
export const unreachableRange = '10.96';
/** Addresses in a range: its lower half, as pods may have the upper. */
const RANGE_SIZE = 32_766;
const FIRST_NODE_PORT = 30_000;

/** Gives Services their virtual addresses and node ports. */
export class ServiceAddresses {
  #next = 1;
  #nextPort = FIRST_NODE_PORT;

  private readonly registry: Registry;
  private readonly range: string;

  /** @param range the first two bytes of the addresses it gives */
  constructor(registry: Registry, range: string) {
    this.registry = registry;
    this.range = range;
  }

  assign(service: KubeObject): void {
    const spec = asObject(service['spec']);
    if (spec['type'] === 'ExternalName') {
      return;
    }
    const address = asString(spec['clusterIP']) ?? this.#free();
    setDefaults(spec, {
      clusterIP: address,
      clusterIPs: [address],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    });
    if (spec['type'] === 'NodePort' || spec['type'] === 'LoadBalancer') {
      objectsIn(spec['ports']).forEach((port) => {
        this.#nodePort(port);
      });
    }
  }

  /** An update that says nothing about addresses keeps them. */
  keep(service: KubeObject, old: KubeObject): void {
    const spec = asObject(service['spec']);
    for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) {
      const before = at(old, 'spec', field);
      if (before !== undefined && spec['type'] !== 'ExternalName') {
        spec[field] ??= before;
      }
    }
    this.assign(service);
  }

  #nodePort(port: JsonObject): void {
    if (port['nodePort'] === undefined) {
      port['nodePort'] = this.#nextPort;
      this.#nextPort += 1;
    }
  }

  #free(): string {
    const taken = new Set(this.registry.list('services').map((service) => at(service, 'spec', 'clusterIP')));
    for (;;) {
      this.#next = (this.#next % RANGE_SIZE) + 1;
      const address = `${this.range}.${this.#next >> 8}.${this.#next & 255}`;
      if (!taken.has(address)) {
        return address;
      }
    }
  }
}
