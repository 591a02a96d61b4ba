import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient, deployerApi } from '@cloudemy/contracts';
import { type Cluster, connectCluster } from '@cloudemy/k8s';
import {
  defaultCacheFolder,
  freePort,
  startClusterEmulator,
  startMongoEmulator,
  startService,
} from '@cloudemy/emulator-stack';
import { programPid } from './memory.js';

/** A deployer in a process of its own, and the cluster it serves. */
export interface BenchStack {
  deployer: Client<typeof deployerApi>;
  deployerUrl: string;
  /** Of the deployer itself; undefined where the system does not tell. */
  deployerPid: number | undefined;
  /** The same cluster, without the deployer. */
  cluster: Cluster;
  kubeconfig: string;
  /** It is the embedded one, on this machine. */
  isEmbedded: boolean;
  namespace: string;
  /** An image with a shell and the usual tools. */
  image: string;
  /** For files of this run. */
  folder: string;
  close(): Promise<void>;
}

/** Milliseconds a call to the deployer may take; deletions wait for pods to end. */
const callTimeoutMs = 120_000;

/**
 * Starts a deployer, and a database and a cluster for it unless they are named.
 *
 * @param kubeconfig any cluster's; the embedded one when undefined
 */
export async function startBenchStack(kubeconfig: string | undefined): Promise<BenchStack> {
  const { env } = process;
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const step of closers.splice(0).toReversed()) await step();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'cloudemy-bench-'));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    const folders = { data: folder, logs: join(folder, 'logs'), cache: defaultCacheFolder() };
    const opened = <T extends { close?: () => Promise<void> }>(part: T): T => {
      if (part.close !== undefined) closers.push(part.close);
      return part;
    };
    const images = join(folder, 'images.json');
    await writeFile(images, '[]');
    const mongoUri = env['MONGO_URI'] ?? opened(await startMongoEmulator(folders, false)).url;
    const config = kubeconfig ?? opened(await startClusterEmulator(folders, images)).kubeconfig;
    const cluster = opened(connectCluster({ kubeconfig: config }));
    const namespace = env['E2E_NAMESPACE'] ?? 'default';
    const service = await startService({
      app: 'deployer',
      port: await freePort(),
      env: { MONGO_URL: mongoUri, KUBECONFIG: config, DEPLOYER_NAMESPACES: namespace },
      logsFolder: folders.logs,
    });
    closers.push(() => service.process.stop());
    return {
      deployer: createClient(deployerApi, { baseUrl: service.url, timeoutMs: callTimeoutMs }),
      deployerUrl: service.url,
      deployerPid: programPid(service.process.pid),
      cluster,
      kubeconfig: config,
      isEmbedded: kubeconfig === undefined,
      namespace,
      image: env['E2E_IMAGE'] ?? 'busybox',
      folder,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
