import { unreachableRange } from '../admission/service-addresses.js';
import type { ObjectStore } from '../store/object-store.js';
import { AddressBlock } from './address-block.js';
import type { PodNetwork } from './pod-network.js';
import { LoopbackNetwork, machineNetwork } from './pod-network.js';
import { ServiceProxy } from './service-proxy.js';

/** The network of one cluster. */
export interface ClusterNetwork {
  /** The first two bytes of the addresses of Services. */
  serviceRange: string;
  /** Begins to serve what is in the store. */
  start(store: ObjectStore, report: (what: string, error: unknown) => void): PodNetwork;
  /** Cuts every connection and gives the addresses back. */
  close(): void;
}

/** Pods and Services get loopback addresses where the machine has enough of them, and share its one elsewhere. */
export async function takeNetwork(): Promise<ClusterNetwork> {
  const block = await AddressBlock.take();
  if (block === undefined) {
    return { serviceRange: unreachableRange, start: () => machineNetwork, close: () => {} };
  }
  const parts: { close(): void }[] = [block];
  return {
    serviceRange: block.prefix,
    start: (store, report) => {
      const network = new LoopbackNetwork(store, block);
      parts.push(network, new ServiceProxy(store, block.prefix, report));
      return network;
    },
    close: () => parts.forEach((part) => part.close()),
  };
}
