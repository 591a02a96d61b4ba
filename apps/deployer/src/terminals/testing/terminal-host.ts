import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { deployerAccess, type Client, createClient, terminalsApi } from '@cloudemy/contracts';
import { type Job, JOBS, type KubeApi, connectCluster, findPods, readJob, resourcePath } from '@cloudemy/k8s';
import { startLocalCluster } from '@cloudemy/emulator-cluster';
import { startLocalMongo } from '@cloudemy/emulator-mongo';
import {
  Health,
  type HttpServer,
  Metrics,
  createHttpApp,
  createLogger,
  routeBody,
  listen,
  loopbackHosts,
  notFound,
} from '@cloudemy/service';
import mongoose from 'mongoose';
import { type Authenticate, authenticateEveryone, createGuard, localAdmin } from '@cloudemy/auth';
import { z } from 'zod';
import { type AuditModel, AuditTrail, auditModel } from '@cloudemy/auth';
import { scopeOf } from '../../auth/caller.js';
import type { DeployedJob } from '../../jobs/deployed-jobs.js';
import { clientAddress } from '../client-address.js';
import { type TerminalConfig, terminalEnv } from '../config.js';
import { type TerminalFeature, createTerminals } from '../create-terminals.js';
import { type TicketModel, Tickets, ticketModel } from '../tickets.js';

/** Everybody, to these services: authentication is off. */
export const everybody = scopeOf(localAdmin, ['any']);

/** The deployment that every Job of these tests belongs to. */
export const deploymentId = '66f0c0ffee00000000000001';

export interface TerminalHost {
  url: string;
  api: Client<typeof terminalsApi>;
  feature: TerminalFeature;
  server: HttpServer;
  close(): Promise<void>;
}

/** A cluster and a database, and any number of terminal services in front of them. */
export class TerminalBench {
  readonly kube: KubeApi;
  readonly audit: AuditModel;
  readonly tickets: TicketModel;
  private readonly closers: (() => Promise<unknown>)[];

  private constructor(
    kube: KubeApi,
    audit: AuditModel,
    tickets: TicketModel,
    closers: (() => Promise<unknown>)[],
  ) {
    this.kube = kube;
    this.audit = audit;
    this.tickets = tickets;
    this.closers = closers;
  }

  static async start(): Promise<TerminalBench> {
    const folder = await mkdtemp(join(tmpdir(), 'cloudemy-terminals-'));
    const [cluster, mongo] = await Promise.all([startLocalCluster({ folder }), startLocalMongo()]);
    const access = connectCluster({ kubeconfig: cluster.kubeconfigPath });
    const connection = await mongoose.createConnection(mongo.uri, { dbName: 'test' }).asPromise();
    return new TerminalBench(access.api, auditModel(connection, 'deployer'), ticketModel(connection), [
      () => connection.close(),
      () => access.close(),
      () => cluster.close(),
      () => mongo.close(),
      () => rm(folder, { recursive: true, force: true }),
    ]);
  }

  async close(): Promise<void> {
    for (const close of this.closers) await close();
  }

  /** Creates a Job that sleeps, and waits until a pod of it runs unless told otherwise. */
  async runJob(name: string, spec: Partial<Job['spec']['template']['spec']> = {}): Promise<void> {
    const sleeps = ['sh', '-c', 'sleep 3600'];
    const job = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name, namespace: 'default' },
      spec: {
        template: {
          spec: {
            containers: [{ name: 'main', image: 'busybox', command: sleeps }],
            restartPolicy: 'Never',
            terminationGracePeriodSeconds: 0,
            ...spec,
          },
        },
      },
    };
    await this.kube.create(resourcePath(JOBS, { namespace: 'default' }), job);
  }

  async untilReady(name: string): Promise<void> {
    for (;;) {
      const job = await readJob(this.kube, 'default', name);
      if ((job?.status?.ready ?? 0) > 0) return;
      await sleep(50);
    }
  }

  async #find(namespace: string, name: string): Promise<DeployedJob> {
    const job = await readJob(this.kube, namespace, name);
    if (job === undefined) throw notFound('Job', name);
    return { job, uid: job.metadata.uid ?? '', deploymentId };
  }

  /**
   * @param overrides of the configuration's defaults
   * @param authenticate who requests are made by, where users sign in
   */
  async serve(overrides: Partial<TerminalConfig> = {}, authenticate?: Authenticate): Promise<TerminalHost> {
    const log = createLogger('test', 'silent');
    const metrics = new Metrics('test');
    const origins = { allowedOrigins: ['http://localhost:3000'], allowedHosts: [...loopbackHosts] };
    const feature = createTerminals({
      config: { ...z.object(terminalEnv).parse({}), ...overrides },
      api: this.kube,
      jobs: {
        find: (_scope, namespace, name) => this.#find(namespace, name),
        findWithPods: async (_scope, namespace, name) => {
          const found = await this.#find(namespace, name);
          return { found, pods: await findPods(this.kube, found.job) };
        },
      },
      audit: new AuditTrail(this.audit, log, { retentionDays: 1 }),
      authenticate: authenticate ?? authenticateEveryone,
      tickets: authenticate && new Tickets(this.tickets),
      origins,
      log,
      metrics,
      guard: createGuard({
        table: deployerAccess,
        authenticate: authenticate ?? authenticateEveryone,
      }),
      before: (route) => routeBody(route),
      handshakes: undefined,
      addressOf: (req) => clientAddress(req, () => false),
    });
    const app = createHttpApp({
      api: terminalsApi,
      info: { title: 'test', version: '0', description: 'of the tests' },
      log,
      health: new Health(),
      metrics,
      origins,
      routes: [feature.routes],
      trustProxy: ['127.0.0.0/8'],
    });
    const server = await listen(app, '127.0.0.1', 0, { upgrades: feature.gateway });
    const url = `http://127.0.0.1:${server.port}`;
    return {
      url,
      api: createClient(terminalsApi, { baseUrl: url }),
      feature,
      server,
      close: async () => {
        await feature.stop();
        await server.close(0);
      },
    };
  }
}
