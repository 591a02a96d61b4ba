import { loopback } from '@cloudemy/emulator-stack';
import type { OwnLinkName, Replica } from '../plan/catalogue.js';
import { Link } from './link.js';

/** The connections of one replica alone, which lead on to what all share. */
export type OwnLinks = Readonly<Record<OwnLinkName, Link>>;

const forEver = new Promise<never>(() => {});

/** @param shared ports of what all replicas are led to */
export async function openOwnLinks(shared: Readonly<Record<OwnLinkName, number>>): Promise<OwnLinks> {
  const led = async (name: OwnLinkName): Promise<Link> => {
    const link = await Link.open(loopback);
    link.route(name, shared[name], forEver);
    return link;
  };
  const [mongodb, redis, cluster] = await Promise.all([led('mongodb'), led('redis'), led('cluster')]);
  return { mongodb, redis, cluster };
}

/** Where a replica looks for its kubeconfig. */
export const ownKubeconfig = (folder: string, replica: Replica): string => `${folder}/kubeconfig-${replica}`;
