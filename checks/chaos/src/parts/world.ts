import { join } from 'node:path';
import { type Cluster, connectCluster } from '@cloudemy/k8s';
import {
  type Wiring,
  defaultCacheFolder,
  loadSettings,
  localRunnerImage,
  loopback,
  removeInstallation,
} from '@cloudemy/emulator-stack';
import type { Surroundings } from '../environment.js';
import type { LinkName, PartName, Replica } from '../plan/catalogue.js';
import { ApiProxy } from './api-proxy.js';
import { clusterPart, secretKept } from './cluster-part.js';
import { Link } from './link.js';
import { type OwnLinks, ownKubeconfig } from './own-links.js';
import { replicaParts } from './replicas.js';
import { Restartable } from './restartable.js';
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
  /** What leads through the relay: each service has a copy that leads through its own. */
  kubeconfig: string;
  /** Kubeconfigs of the replicas, and the port that each leads to. */
  ownKubeconfigs: Map<string, number>;
  /** Stands between the services and the embedded cluster. */
  api: ApiProxy;
  /** Where each replica was last found, without a relay. */
  addresses: Map<Replica, string>;
}

/** In milliseconds of `performance.now()`: when the copy of the database was made, and when it took its place. */
export interface Restored {
  from: number;
  to: number;
}

/** The stack in pieces: each can be ended and started, and what is between them cut. */
export interface World extends Site {
  parts: ReadonlyMap<PartName, Restartable>;
  wiring: Wiring;
  /** Reached as the services reach it. */
  cluster: Cluster;
  /** How often a part has ended by itself. */
  crashes: () => readonly string[];
  /** The connections of one replica alone. */
  own: (replica: Replica) => OwnLinks;
  restored: Restored[];
  /** What faults have found that should not be, in words. */
  findings: string[];
  close(): Promise<void>;
}

/**
 * Starts everything: two backends, two schedulers, a deployer, and what they need, with a relay before each.
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
    ownKubeconfigs: new Map(),
    api: await ApiProxy.open(() => links.cluster.port),
    addresses: new Map(),
  };
  const wiring = wiringOf(site, settings, surroundings);
  const embedded = surroundings.kubeconfig === undefined;
  const replicas = await replicaParts(site, wiring, embedded);
  const owned = new Map(replicas.map(({ name, own }) => [name, own]));
  if (embedded)
    for (const { name, own } of replicas)
      site.ownKubeconfigs.set(ownKubeconfig(folder, name), own.cluster.port);
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
    const all = [...Object.values(links), ...[...owned.values()].flatMap((own) => Object.values(own))];
    await Promise.all([site.api.close(), ...all.map((link) => link.close())]);
  };
  try {
    await Promise.all([
      add('mongodb', mongoPart(site)),
      add('redis', redisPart(site)),
      add('llm', llmPart(site)),
      ...(embedded ? [add('cluster', clusterPart(site))] : []),
    ]);
    const cluster = connectCluster({ kubeconfig: site.kubeconfig });
    closers.push(() => cluster.close());
    const { instance } = settings;
    if (!embedded) {
      closers.unshift(() => removeInstallation(cluster.api, { namespace, instance }));
    }
    await secretKept(cluster, { namespace, instance });
    await Promise.all(replicas.map(({ name, launch }) => add(name, launch)));
    const own = (replica: Replica): OwnLinks => {
      const links = owned.get(replica);
      if (links === undefined) throw new Error(`there is no ${replica} in this run`);
      return links;
    };
    return {
      ...site,
      wiring,
      parts,
      cluster,
      own,
      crashes: () => crashes,
      restored: [],
      findings: [],
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openLinks(host: string): Promise<Links> {
  const [backend, redis, mongodb, cluster, llm, deployer] = await Promise.all([
    Link.open(host),
    Link.open(host),
    Link.open(loopback),
    Link.open(loopback),
    Link.open(host),
    Link.open(loopback),
  ]);
  return { backend, deployer, redis, mongodb, cluster, llm };
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
