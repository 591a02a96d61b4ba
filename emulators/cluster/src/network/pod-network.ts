import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod } from '../kubelet/pod.js';
import type { ObjectStore, StoreEvent } from '../store/object-store.js';
import type { AddressBlock } from './address-block.js';
import { HostsWriter } from './hosts-writer.js';
import type { NamedService } from './hosts-file.js';
import { hostsFile } from './hosts-file.js';
import { endpointsOf, SERVICES, SLICES } from './service-endpoints.js';

const LOOPBACK = '127.0.0.1';

/** Where pods are and by which names they find others. */
export interface PodNetwork {
  addressOf(pod: Pod): string;
  /** A hosts file for the pod, kept up to date below `folder`; undefined where names are the machine's. */
  hostsFile(pod: Pod, folder: string): Promise<string | undefined>;
  /** The pod is gone. */
  release(pod: Pod): void;
}

/** Every pod is where the machine is, and names are the machine's. */
export const machineNetwork: PodNetwork = {
  addressOf: () => LOOPBACK,
  hostsFile: () => Promise.resolve(undefined),
  release: () => {},
};

function onMachine(pod: Pod): boolean {
  return pod.spec['hostNetwork'] === true;
}

/** Each pod has an address of its own, and knows the Services by name. */
export class LoopbackNetwork implements PodNetwork {
  readonly #store: ObjectStore;
  readonly #block: AddressBlock;
  readonly #unsubscribe: () => void;
  readonly #files = new Map<string, { pod: Pod; writer: HostsWriter }>();
  readonly #machine = existsSync('/etc/hosts') ? readFileSync('/etc/hosts', 'utf8') : '';
  #scheduled: NodeJS.Immediate | undefined;

  constructor(store: ObjectStore, block: AddressBlock) {
    this.#store = store;
    this.#block = block;
    this.#unsubscribe = store.subscribe((event) => this.#look(event));
  }

  addressOf(pod: Pod): string {
    return onMachine(pod) ? LOOPBACK : this.#block.ofPod(pod.metadata.uid);
  }

  async hostsFile(pod: Pod, folder: string): Promise<string | undefined> {
    if (onMachine(pod)) {
      return undefined;
    }
    const path = join(folder, 'hosts');
    if (!this.#files.has(pod.metadata.uid)) {
      const content = this.#contentFor(pod, this.#services());
      await mkdir(folder, { recursive: true });
      await writeFile(path, content);
      this.#files.set(pod.metadata.uid, { pod, writer: new HostsWriter(path, content) });
    }
    return path;
  }

  release({ metadata: { uid } }: Pod): void {
    this.#block.release(uid);
    this.#files.delete(uid);
  }

  close(): void {
    this.#unsubscribe();
    clearImmediate(this.#scheduled);
  }

  #look({ resource }: StoreEvent): void {
    if (resource === SERVICES || resource === SLICES) {
      this.#scheduled ??= setImmediate(() => {
        this.#scheduled = undefined;
        const services = this.#services();
        for (const { pod, writer } of this.#files.values()) {
          writer.write(this.#contentFor(pod, services));
        }
      });
    }
  }

  #contentFor(pod: Pod, services: readonly NamedService[]): string {
    return hostsFile(pod, this.addressOf(pod), services, this.#machine);
  }

  #services(): NamedService[] {
    return this.#store
      .list(SERVICES)
      .map((service) => ({ service, endpoints: endpointsOf(this.#store, service) }));
  }
}
