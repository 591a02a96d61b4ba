import { join } from 'node:path';
import { connectCluster } from '@cloudemy/k8s';
import type { Part } from '../parts/part.js';
import {
  type ClusterPart,
  startClusterEmulator,
  startLlmEmulator,
  startMongoEmulator,
} from '../parts/emulators.js';
import { writeImagesFile } from '../images/pod-images.js';
import { startRedis } from '../redis/start-redis.js';
import { isLoopback } from './host-address.js';
import type { StackOptions } from './options.js';

/** Pods of a cluster that is not this machine must reach the parts over the network. */
function podsAreElsewhere({ hostAddress }: StackOptions): boolean {
  return hostAddress !== undefined && !isLoopback(hostAddress);
}

/** The one that is named, else the embedded one. */
export async function database(options: StackOptions): Promise<Part> {
  const { mongoUri } = options;
  if (mongoUri !== undefined) return { name: 'MongoDB', origin: 'yours, from MONGO_URI', url: mongoUri };
  return startMongoEmulator(options.folders, options.durable);
}

/** The one that is named, else one of this machine. */
export async function queueStore(options: StackOptions): Promise<Part> {
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
    broken: redis.broken,
  };
}

/** The one that is named, OpenAI's when there is a key, else the emulator. */
export async function model(options: StackOptions): Promise<Part> {
  const { apiKey, baseUrl } = options.llm;
  if (baseUrl !== undefined) return { name: 'LLM', origin: 'yours, from LLM_BASE_URL', url: baseUrl };
  if (apiKey !== undefined) {
    return { name: 'LLM', origin: 'OpenAI, as LLM_API_KEY is set', url: 'https://api.openai.com/v1' };
  }
  return startLlmEmulator(options.folders, {
    delayMs: options.llmDelayMs ?? 0,
    everywhere: podsAreElsewhere(options),
  });
}

/** The cluster that is named, else the embedded one. */
export async function kubernetes(options: StackOptions): Promise<ClusterPart> {
  const { kubeconfig, folders } = options;
  if (kubeconfig === undefined) {
    return startClusterEmulator(folders, await writeImagesFile(folders.data, folders.cache));
  }
  const cluster = connectCluster({ kubeconfig });
  await cluster.close();
  // Its address only: a path in a server's URL can hold credentials.
  const url = new URL(cluster.server).origin;
  return { name: 'Kubernetes', origin: `yours, context ${cluster.context}`, url, kubeconfig };
}
