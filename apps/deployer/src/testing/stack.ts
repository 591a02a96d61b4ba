import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TcpRelay, until } from '@cloudemy/testing';
import { type Authenticate, authenticateEveryone } from '@cloudemy/auth';
import { deployerApi } from '@cloudemy/contracts';
import { type Cluster, connectCluster } from '@cloudemy/k8s';
import { type LocalCluster, startLocalCluster } from '@cloudemy/emulator-cluster';
import { type LocalMongo, startLocalMongo } from '@cloudemy/emulator-mongo';
import { Lifecycle, createLogger } from '@cloudemy/service';
import { documentedFetch } from '@cloudemy/service/testing';
import mongoose, { type Connection } from 'mongoose';
import { readConfig } from '../config.js';
import { startDeployer } from '../start.js';
import { ClusterProxy } from './cluster-proxy.js';

export interface TestDeployer {
  url: string;
  /** Checks every answer against the OpenAPI document. */
  fetch: typeof fetch;
  /** Its log, a line each. */
  logLines: string[];
  stop: () => Promise<boolean>;
}

export interface StartOptions {
  waitUntilReady?: boolean;
  authenticate?: Authenticate;
}

/** Everything a deployer needs, over real sockets: a database, a cluster. */
export class TestStack {
  readonly #deployers: TestDeployer[] = [];
  readonly #relays: { close: () => Promise<void> }[] = [];

  readonly mongo: LocalMongo;
  readonly local: LocalCluster;
  readonly cluster: Cluster;
  /** A look into the database beside the service. */
  readonly database: Connection;
  /** Goes with the stack; Jobs may leave marks in it. */
  readonly folder: string;

  private constructor(
    mongo: LocalMongo,
    local: LocalCluster,
    cluster: Cluster,
    database: Connection,
    folder: string,
  ) {
    this.mongo = mongo;
    this.local = local;
    this.cluster = cluster;
    this.database = database;
    this.folder = folder;
  }

  static async start(): Promise<TestStack> {
    const folder = await mkdtemp(join(tmpdir(), 'deployer-test-'));
    const [mongo, local] = await Promise.all([
      startLocalMongo({ durability: 'write' }),
      // One file for all of a log: what rotation does to a slow reader is tested where it is wanted.
      startLocalCluster({ folder, isolation: 'plain', containerLogMaxBytes: 100 * 1_024 * 1_024 }),
    ]);
    const database = await mongoose.createConnection(mongo.uri, { dbName: 'cloudemy' }).asPromise();
    return new TestStack(
      mongo,
      local,
      connectCluster({ kubeconfig: local.kubeconfigPath }),
      database,
      folder,
    );
  }

  /** Starts a deployer in this process. */
  async startDeployer(
    env: Record<string, string> = {},
    { waitUntilReady = true, authenticate = authenticateEveryone }: StartOptions = {},
  ): Promise<TestDeployer> {
    const config = readConfig({
      PORT: '0',
      MONGO_URL: this.mongo.uri,
      KUBECONFIG: this.local.kubeconfigPath,
      LOG_LEVEL: 'info',
      ...env,
    });
    const logLines: string[] = [];
    const log = createLogger('deployer', config.LOG_LEVEL, { write: (line) => logLines.push(line) });
    const lifecycle = new Lifecycle(log, 10_000);
    const cluster = connectCluster({ kubeconfig: config.KUBECONFIG });
    const url = `http://127.0.0.1:${await startDeployer({ config, cluster, authenticate, log, lifecycle })}`;
    const deployer: TestDeployer = {
      url,
      fetch: documentedFetch(deployerApi, url),
      logLines,
      stop: () => lifecycle.stop('test'),
    };
    this.#deployers.push(deployer);
    if (waitUntilReady) await until(async () => (await fetch(`${url}/readyz`)).ok);
    return deployer;
  }

  /** A way to the cluster that can be cut, and a kubeconfig that takes it. */
  async relayToCluster(): Promise<{ relay: TcpRelay; kubeconfig: string }> {
    const relay = await TcpRelay.before(this.local.url);
    return { relay, kubeconfig: await this.#kubeconfigBy(relay) };
  }

  /** A way to the cluster on which logs can be answered otherwise, and a kubeconfig that takes it. */
  async proxyToCluster(): Promise<{ proxy: ClusterProxy; kubeconfig: string }> {
    const proxy = await ClusterProxy.before(this.local.url);
    return { proxy, kubeconfig: await this.#kubeconfigBy(proxy) };
  }

  async #kubeconfigBy(way: { url: string; close: () => Promise<void> }): Promise<string> {
    this.#relays.push(way);
    const kubeconfig = join(this.folder, `relayed-${this.#relays.length}`);
    const own = await readFile(this.local.kubeconfigPath, 'utf8');
    await writeFile(kubeconfig, own.replaceAll(this.local.url, way.url));
    return kubeconfig;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#deployers.map((deployer) => deployer.stop()));
    await Promise.all(this.#relays.map((relay) => relay.close()));
    await this.database.close();
    await this.cluster.close();
    await Promise.all([this.local.close(), this.mongo.close()]);
    await rm(this.folder, { recursive: true, force: true });
  }
}
