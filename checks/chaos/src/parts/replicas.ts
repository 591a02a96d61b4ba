import { type Wiring, backendEnv, deployerEnv, schedulerEnv } from '@cloudemy/emulator-stack';
import { type Replica, services } from '../plan/catalogue.js';
import { type OwnLinks, openOwnLinks, ownKubeconfig } from './own-links.js';
import { backendTimes, jobsInFlight, schedulerTimes } from './service-env.js';
import { servicePart } from './service-part.js';
import type { Launch } from './store-parts.js';
import type { Site } from './world.js';

export interface ReplicaPart {
  name: Replica;
  launch: Launch;
  own: OwnLinks;
}

/** The replicas of this run, each with connections of its own. The deployer is there where the cluster is ours. */
export async function replicaParts(site: Site, wiring: Wiring, embedded: boolean): Promise<ReplicaPart[]> {
  const names: readonly Replica[] = embedded ? [...services, 'deployer'] : services;
  return Promise.all(
    names.map(async (name) => {
      const { links, api } = site;
      const own = await openOwnLinks({
        mongodb: links.mongodb.port,
        redis: links.redis.port,
        cluster: embedded ? api.port : links.cluster.port,
      });
      const wired = ownWiring(site, wiring, own, embedded ? name : undefined);
      return { name, own, launch: servicePart(site, appOf(name), name, envOf(name, wired, wiring)) };
    }),
  );
}

const appOf = (name: Replica): 'backend' | 'scheduler' | 'deployer' => {
  if (name === 'deployer') return name;
  return name.startsWith('backend') ? 'backend' : 'scheduler';
};

function envOf(name: Replica, own: Wiring, shared: Wiring): Record<string, string | undefined> {
  switch (appOf(name)) {
    case 'backend':
      return { ...backendEnv(own), ...backendTimes };
    case 'deployer':
      return deployerEnv(own);
    default: {
      // Runners are led where all are.
      const { RUNNER_REDIS_URL } = schedulerEnv(shared);
      return {
        ...schedulerEnv(own),
        RUNNER_REDIS_URL,
        ...schedulerTimes,
        MAX_JOBS_IN_FLIGHT: String(jobsInFlight),
      };
    }
  }
}

/** What a replica is told of where things are: its own relays. */
function ownWiring(
  { links, folders }: Site,
  wiring: Wiring,
  own: OwnLinks,
  embedded: Replica | undefined,
): Wiring {
  const through = (url: string, name: 'mongodb' | 'redis'): string =>
    url.replace(`:${links[name].port}`, `:${own[name].port}`);
  return {
    ...wiring,
    mongoUri: through(wiring.mongoUri, 'mongodb'),
    redisUrl: through(wiring.redisUrl, 'redis'),
    kubeconfig: embedded === undefined ? wiring.kubeconfig : ownKubeconfig(folders.data, embedded),
  };
}
