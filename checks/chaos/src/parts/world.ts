import { join } from 'node:path';
import { type Cluster, connectCluster } from '@cloudemy/k8s';
import {
  type Wiring,
  backendEnv,
  defaultCacheFolder,
  loadSettings,
  localRunnerImage,
  loopback,
  removeInstallation,
  schedulerEnv,
} from '@cloudemy/emulator-stack';
import type { Surroundings } from '../environment.js';
import type { LinkName, PartName } from '../plan/catalogue.js';
import { clusterPart, secretKept } from './cluster-part.js';
import { Link } from './link.js';
import { Restartable } from './restartable.js';
import { backendTimes, jobsInFlight, schedulerTimes } from './service-env.js';
import { servicePart } from './service-part.js';
import { llmPart, mongoPart, redisPart } from './store-parts.js';

export type Links = Readonly<Record<LinkName, Link>>;

/** Where the parts find what they share. */
export interface Site {
  /** Of this run: data and logs. */
  folders: { data: string; logs: string; cache: string };
  links: Links;
  /** What pods elsewhere must reach listens everywhere. */
  everywhere: boolean;
  redisPassword: string;
  namespace: string;
  /** What marks the objects of this run in the cluster. */
  instance: string;
  /** What the services are given: leads through the relays. */
  kubeconfig: string;
}

/** The stack in pieces: each can be ended and started, and what is between them cut. */
export interface World extends Site {
  parts: ReadonlyMap<PartName, Restartable>;
  wiring: Wiring;
  /** Reached as the services reach it. */
  cluster: Cluster;
  /** How often a part has ended by itself. */
  crashes: () => readonly string[];
  close(): Promise<void>;
}

/**
 * Starts everything: two backends, two schedulers, and what they need, with a relay before each.
 *
 * @param folder for data and logs
 * @throws what keeps a part from standing
 */
export async function startWorld(folder: string, surroundings: Surroundings): Promise<World> {
  const { namespace, hostAddress } = surroundings;
  const everywhere = hostAddress !== loopback;
  const links = await openLinks(everywhere ? '0.0.0.0' : loopback);
  const settings = await loadSettings(folder, 'cloudemy-chaos');
  const site: Site = {
    folders: { data: folder, logs: join(folder, 'logs'), cache: defaultCacheFolder() },
    links,
    everywhere,
    redisPassword: settings.resultTokenSecret,
    namespace,
    instance: settings.instance,
    kubeconfig: surroundings.kubeconfig ?? join(folder, 'kubeconfig'),
  };
  const wiring = wiringOf(site, settings, surroundings);
  const crashes: string[] = [];
  const parts = new Map<PartName, Restartable>();
  const add = (name: PartName, launch: ConstructorParameters<typeof Restartable>[1]): Promise<void> => {
    const part = new Restartable(name, launch, () => crashes.push(name));
    parts.set(name, part);
    return part.start();
  };
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    await Promise.all([...parts.values()].map((part) => part.close()));
    for (const step of closers) await step();
    await Promise.all(Object.values(links).map((link) => link.close()));
  };
  try {
    await Promise.all([
      add('mongodb', mongoPart(site)),
      add('redis', redisPart(site)),
      add('llm', llmPart(site)),
      ...(surroundings.kubeconfig === undefined ? [add('cluster', clusterPart(site))] : []),
    ]);
    const cluster = connectCluster({ kubeconfig: site.kubeconfig });
    closers.push(() => cluster.close());
    const { instance } = settings;
    if (surroundings.kubeconfig !== undefined) {
      closers.unshift(() => removeInstallation(cluster.api, { namespace, instance }));
    }
    await secretKept(cluster, { namespace, instance });
    const backend = { ...backendEnv(wiring), ...backendTimes };
    const scheduler = {
      ...schedulerEnv(wiring),
      ...schedulerTimes,
      MAX_JOBS_IN_FLIGHT: String(jobsInFlight),
    };
    await Promise.all([
      add('backend-1', servicePart(site, 'backend', 'backend-1', backend)),
      add('backend-2', servicePart(site, 'backend', 'backend-2', backend)),
      add('scheduler-1', servicePart(site, 'scheduler', 'scheduler-1', scheduler)),
      add('scheduler-2', servicePart(site, 'scheduler', 'scheduler-2', scheduler)),
    ]);
    return { ...site, wiring, parts, cluster, crashes: () => crashes, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openLinks(host: string): Promise<Links> {
  const [backend, redis, mongodb, cluster, llm] = await Promise.all([
    Link.open(host),
    Link.open(host),
    Link.open(loopback),
    Link.open(loopback),
    Link.open(host),
  ]);
  return { backend, redis, mongodb, cluster, llm };
}

function wiringOf(site: Site, settings: Wiring['settings'], surroundings: Surroundings): Wiring {
  const { links, namespace, kubeconfig } = site;
  const login = site.everywhere ? `:${site.redisPassword}@` : '';
  return {
    mongoUri: `mongodb://${loopback}:${links.mongodb.port}/?directConnection=true`,
    redisUrl: `redis://${login}${loopback}:${links.redis.port}`,
    kubeconfig,
    namespace,
    benchmarkNamespaces: [namespace],
    runnerImage: surroundings.runnerImage ?? localRunnerImage,
    settings,
    llmBaseUrl: `http://${loopback}:${links.llm.port}/v1`,
    llmModel: undefined,
    backendUrl: `http://${loopback}:${links.backend.port}`,
    hostAddress: surroundings.hostAddress,
    extra: {},
  };
}
