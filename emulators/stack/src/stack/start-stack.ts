import { mkdir } from 'node:fs/promises';
import { type Cluster, connectCluster } from '@cloudemy/k8s';
import { lockFolder } from '@cloudemy/emulator-mongo/lock';
import type { Part } from '../parts/part.js';
import { type StartedService, startService } from '../parts/service.js';
import { freePort, isFree } from '../processes/ports.js';
import { localRunnerImage } from '../images/pod-images.js';
import { asOne, unwind } from '../try-all.js';
import { type Wiring, backendEnv, deployerEnv, frontendEnv, schedulerEnv } from './environment.js';
import { database, kubernetes, model, queueStore } from './choose-parts.js';
import { loopback } from './host-address.js';
import { applyLlmSecret, makeNamespaces, removeInstallation } from './installation.js';
import { type StackOptions, type StackPorts, assertOptions } from './options.js';
import { loadSettings } from './settings.js';

export interface Stack {
  backendUrl: string;
  deployerUrl: string;
  /** Where the pages are, if a port was named for them. */
  frontendUrl: string | undefined;
  kubeconfig: string;
  namespace: string;
  /** Where benchmarks go. */
  benchmarkNamespace: string;
  cluster: Cluster;
  wiring: Wiring;
  services: StartedService[];
  /** Rejects when a part that was started ends. */
  broken: Promise<never>;
  close(): Promise<void>;
}

/**
 * Brings up everything Cloudemy needs on one machine: what is named by the options is used, what is not is
 * started. Parts come up side by side; when one fails, those that are up are ended again. Closing leaves nothing in
 * a cluster that was there before.
 *
 * @throws Error in words when a part cannot be had.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const closers: (() => Promise<unknown>)[] = [];
  const breaks: Promise<never>[] = [];
  const close = once(() => unwind(closers));
  const up = <P extends Part>(part: P): P => {
    if (part.close !== undefined) closers.push(part.close);
    if (part.broken !== undefined) breaks.push(part.broken);
    options.onPart?.(part);
    return part;
  };
  try {
    assertOptions(options);
    await mkdir(options.folders.data, { recursive: true });
    closers.push(await lockFolder(options.folders.data, 'stack.pid'));
    options.signal?.throwIfAborted();
    const [mongo, redis, llm, k8s, settings] = await settled([
      database(options).then(up),
      queueStore(options).then(up),
      model(options).then(up),
      kubernetes(options).then(up),
      loadSettings(options.folders.data, options.instancePrefix),
    ]);
    options.signal?.throwIfAborted();
    const cluster = connectCluster({ kubeconfig: k8s.kubeconfig });
    closers.push(() => cluster.close());
    const ports = await choosePorts(options.ports);
    const { benchmarkNamespaces = [options.namespace] } = options;
    // A cluster that was there before has the namespaces that its owner made.
    if (k8s.close !== undefined)
      await makeNamespaces(cluster.api, [options.namespace, ...benchmarkNamespaces]);
    const wiring: Wiring = {
      mongoUri: mongo.url,
      redisUrl: redis.url,
      kubeconfig: k8s.kubeconfig,
      namespace: options.namespace,
      benchmarkNamespaces,
      runnerImage: options.runnerImage ?? localRunnerImage,
      settings,
      llmBaseUrl: llm.url,
      llmModel: options.llm.model,
      backendUrl: `http://127.0.0.1:${ports.backend}`,
      hostAddress: options.hostAddress ?? loopback,
      extra: options.env ?? {},
    };
    const installation = { namespace: options.namespace, instance: settings.instance };
    // The embedded cluster goes as a whole.
    if (k8s.close === undefined) closers.push(() => removeInstallation(cluster.api, installation));
    await applyLlmSecret(cluster.api, installation, options.llm.apiKey ?? 'emulator');
    const logsFolder = options.folders.logs;
    const service = async (app: keyof StackPorts, env: Record<string, string | undefined>) => {
      const port = ports[app] ?? 0;
      const started = await startService({ app, port, env, logsFolder, signal: options.signal });
      up({
        name: app,
        origin: portWords(options.ports[app] ?? 0, port),
        url: started.url,
        close: () => started.process.stop(),
        broken: started.process.broken,
      });
      return started;
    };
    const services = await settled([
      service('backend', backendEnv(wiring)),
      service('scheduler', schedulerEnv(wiring)),
      service('deployer', deployerEnv(wiring)),
      ports.frontend === undefined
        ? undefined
        : service('frontend', frontendEnv(wiring, `http://127.0.0.1:${ports.deployer}`)),
    ]);
    options.signal?.throwIfAborted();
    const [backend, , deployer, frontend] = services;
    const broken = Promise.race(breaks);
    // Whoever cares waits on it; closing the stack ends the services too.
    broken.catch(() => {});
    return {
      backendUrl: backend.url,
      deployerUrl: deployer.url,
      frontendUrl: frontend?.url,
      kubeconfig: k8s.kubeconfig,
      namespace: options.namespace,
      benchmarkNamespace: benchmarkNamespaces[0] ?? options.namespace,
      cluster,
      wiring,
      services: services.filter((one) => one !== undefined),
      broken,
      close,
    };
  } catch (error) {
    throw await close().then(
      () => error,
      (also: unknown) => asOne([error, also]),
    );
  }
}

async function choosePorts(wanted: StackPorts): Promise<StackPorts> {
  const choose = async (port: number): Promise<number> =>
    port !== 0 && (await isFree(port)) ? port : freePort();
  return {
    backend: await choose(wanted.backend),
    scheduler: await choose(wanted.scheduler),
    deployer: await choose(wanted.deployer),
    ...(wanted.frontend === undefined ? {} : { frontend: await choose(wanted.frontend) }),
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
