import { join } from 'node:path';
import {
  type Part,
  type Supervised,
  startLlmEmulator,
  startMongoEmulator,
  startRedis,
} from '@cloudemy/emulator-stack';
import type { Link } from './link.js';
import { llmDelayMs } from './service-env.js';
import type { Site } from './world.js';

/** How a part is started; resolves when it is ready and its relay leads to it. */
export type Launch = () => Promise<Supervised>;

/** What MongoDB needs of all that. */
export type MongoSite = Pick<Site, 'folders'> & { links: Pick<Site['links'], 'mongodb'> };

/** MongoDB that keeps what it has acknowledged, however it ends. */
export const mongoPart =
  ({ folders, links }: MongoSite): Launch =>
  async () => {
    const part = await startMongoEmulator(folders, true);
    return routed(links.mongodb, 'mongodb', part);
  };

/** Redis that keeps its data over a restart: `wipe` is another thing. */
export const redisPart =
  ({ folders, links, everywhere, redisPassword }: Site): Launch =>
  async () => {
    const folder = join(folders.data, 'redis');
    const redis = await startRedis({
      folder,
      cacheFolder: folders.cache,
      everywhere,
      password: redisPassword,
    });
    links.redis.route('redis', redis.port, redis.process.exited);
    return redis.process;
  };

/** The emulated model. */
export const llmPart =
  ({ folders, links, everywhere }: Site): Launch =>
  async () => {
    const part = await startLlmEmulator(folders, { delayMs: llmDelayMs, everywhere });
    return routed(links.llm, 'llm', part);
  };

/** Leads a relay to a part; its process. */
export function routed(link: Link, name: string, { url, process }: Part): Supervised {
  if (process === undefined) throw new Error(`${name} is not a process of ours`);
  // MongoDB's connection string is a URL to a URL parser as long as it names one host.
  link.route(name, Number(new URL(url).port), process.exited);
  return process;
}
