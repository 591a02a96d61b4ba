import { join } from 'node:path';
import { type Cluster, connectCluster } from '@cloudemy/k8s';
import type { Part, StackFolders } from '../parts/part.js';
import { type StartedService, startService } from '../parts/service.js';
import { startClusterStandIn, startLlmStandIn, startMongoStandIn } from '../parts/stand-ins.js';
import { freePort, isFree } from '../processes/ports.js';
import { startRedis } from '../redis/start-redis.js';
import { type Wiring, backendEnv, deployerEnv, loopback, schedulerEnv } from './environment.js';
import { lockFolder } from './lock.js';
import { applyLlmSecret, localRunnerImage, writeImagesFile } from './runner-image.js';
import { loadSecrets } from './settings.js';

export interface StackOptions {
  folders: StackFolders;
  /** Keep data between starts (Redis and MongoDB stand-in). */
  durable: boolean;
  /** Wanted ports; another free one is taken when one is in use. 0 is any. */
  ports: { backend: number; scheduler: number; deployer: number };
  /** Parts that run already. */
  mongoUri?: string | undefined;
  redisUrl?: string | undefined;
  kubeconfig?: string | undefined;
  llm: { apiKey?: string | undefined; baseUrl?: string | undefined; model?: string | undefined };
  /** Milliseconds the stand-in model takes for an answer. */
  llmDelayMs?: number;
  namespace: string;
  /** Needed with a kubeconfig: an image its nodes can pull. */
  runnerImage?: string | undefined;
  hostAddress?: string | undefined;
  env?: Record<string, string | undefined>;
  /** Gives up a start under way. */
  signal?: AbortSignal | undefined;
  /** Hears of every part as it is up. */
  onPart?: (part: Part) => void;
}

export interface Stack {
  backendUrl: string;
  deployerUrl: string;
  kubeconfig: string;
  namespace: string;
  cluster: Cluster;
  wiring: Wiring;
  services: StartedService[];
  /** Rejects when a part ends that should not. */
  broken: Promise<never>;
  close(): Promise<void>;
}

/**
 * Brings up everything Cloudemy needs on one machine: what is named by the options is used, what is not is
 * started. Parts come up side by side; when one fails, those that are up are ended again.
 *
 * @throws Error in words when a part cannot be had.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const closers: (() => Promise<void>)[] = [];
  const close = once(async () => {
    for (const step of closers.toReversed()) await step();
  });
  const up = <P extends Part>(part: P): P => {
    if (part.close !== undefined) closers.push(part.close);
    options.onPart?.(part);
    return part;
  };
  try {
    closers.push(await lockFolder(options.folders.data));
    options.signal?.throwIfAborted();
    const [mongo, redis, llm, k8s, secrets] = await settled([
      database(options).then(up),
      queueStore(options).then(up),
      model(options).then(up),
      kubernetes(options).then(up),
      loadSecrets(options.folders.data),
    ]);
    options.signal?.throwIfAborted();
    const cluster = connectCluster({ kubeconfig: k8s.kubeconfig });
    closers.push(() => cluster.close());
    const ports = await choosePorts(options.ports);
    const wiring: Wiring = {
      mongoUri: mongo.url,
      redisUrl: redis.url,
      kubeconfig: k8s.kubeconfig,
      namespace: options.namespace,
      runnerImage: options.runnerImage ?? localRunnerImage,
      secrets,
      llmBaseUrl: llm.url,
      llmModel: options.llm.model,
      backendUrl: `http://127.0.0.1:${ports.backend}`,
      hostAddress: options.hostAddress ?? loopback,
      extra: options.env ?? {},
    };
    await applyLlmSecret(cluster, options.namespace, options.llm.apiKey ?? 'stand-in');
    const logsFolder = options.folders.logs;
    const service = async (
      app: 'backend' | 'scheduler' | 'deployer',
      env: Record<string, string | undefined>,
    ) => {
      const started = await startService({ app, port: ports[app], env, logsFolder, signal: options.signal });
      up({
        name: app,
        origin: portWords(options.ports[app], ports[app]),
        url: started.url,
        close: () => started.process.stop(),
      });
      return started;
    };
    const services = await settled([
      service('backend', backendEnv(wiring)),
      service('scheduler', schedulerEnv(wiring)),
      service('deployer', deployerEnv(wiring)),
    ]);
    options.signal?.throwIfAborted();
    const [backend, , deployer] = services;
    const broken = Promise.race(services.map(({ process }) => process.broken));
    // Whoever cares waits on it; closing the stack ends the services too.
    broken.catch(() => {});
    return {
      backendUrl: backend.url,
      deployerUrl: deployer.url,
      kubeconfig: k8s.kubeconfig,
      namespace: options.namespace,
      cluster,
      wiring,
      services,
      broken,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Pods of a cluster that is not this machine must reach the parts over the network. */
function podsAreElsewhere({ hostAddress }: StackOptions): boolean {
  return hostAddress !== undefined && hostAddress !== loopback;
}

async function database(options: StackOptions): Promise<Part> {
  const { mongoUri } = options;
  if (mongoUri !== undefined) return { name: 'MongoDB', origin: 'yours, from MONGO_URI', url: mongoUri };
  return startMongoStandIn(options.folders, options.durable);
}

async function queueStore(options: StackOptions): Promise<Part> {
  const { redisUrl, folders, durable } = options;
  if (redisUrl !== undefined) return { name: 'Redis', origin: 'yours, from REDIS_URL', url: redisUrl };
  const redis = await startRedis({
    cacheFolder: folders.cache,
    everywhere: podsAreElsewhere(options),
    ...(durable ? { folder: join(folders.data, 'redis') } : {}),
  });
  return {
    name: 'Redis',
    origin: `${redis.origin}, as REDIS_URL is not set`,
    url: redis.url,
    close: () => redis.close(),
  };
}

async function model(options: StackOptions): Promise<Part> {
  const { apiKey, baseUrl } = options.llm;
  if (baseUrl !== undefined) return { name: 'LLM', origin: 'yours, from LLM_BASE_URL', url: baseUrl };
  if (apiKey !== undefined) {
    return { name: 'LLM', origin: 'OpenAI, as LLM_API_KEY is set', url: 'https://api.openai.com/v1' };
  }
  return startLlmStandIn(options.folders, {
    delayMs: options.llmDelayMs ?? 0,
    everywhere: podsAreElsewhere(options),
  });
}

async function kubernetes(options: StackOptions) {
  const { kubeconfig, folders } = options;
  if (kubeconfig === undefined) return startClusterStandIn(folders, await writeImagesFile(folders.data));
  if (options.runnerImage === undefined) {
    throw new Error('With --kubeconfig, RUNNER_IMAGE must name a runner image that the cluster can pull.');
  }
  const cluster = connectCluster({ kubeconfig });
  await cluster.close();
  return { name: 'Kubernetes', origin: `yours, context ${cluster.context}`, url: cluster.server, kubeconfig };
}

async function choosePorts(wanted: StackOptions['ports']): Promise<StackOptions['ports']> {
  const choose = async (port: number): Promise<number> =>
    port !== 0 && (await isFree(port)) ? port : freePort();
  return {
    backend: await choose(wanted.backend),
    scheduler: await choose(wanted.scheduler),
    deployer: await choose(wanted.deployer),
  };
}

function portWords(wanted: number, taken: number): string {
  return wanted === taken || wanted === 0 ? '' : `on another port, as ${wanted} is in use`;
}

/** Like Promise.all, but waits for all of them before it fails, so that what they started can be ended. */
async function settled<T extends readonly unknown[] | []>(
  promises: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= run());
}
