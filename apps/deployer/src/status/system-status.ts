import { setMaxListeners } from 'node:events';
import type { SystemStatus } from '@cloudemy/contracts';
import { type Cluster, KubeConnectionError, type Policy } from '@cloudemy/k8s';
import type { Database } from '@cloudemy/mongo';
import type { Grant } from '../auth/grants.js';
import type { DeploymentStore } from '../deployments/store.js';
import type { NamespacePermissions, Permissions } from './permissions.js';

/** What counts the terminals that are open. */
export interface SessionCounts {
  readonly open: number;
  /** At most so many; null for no limit. */
  readonly limit: number | null;
  /** And of one user. */
  readonly limitPerUser: number;
}

export interface StatusParts {
  cluster: Cluster;
  database: Database;
  store: DeploymentStore;
  permissions: Permissions;
  policy: Policy;
  grants: readonly Grant[];
  sessions: SessionCounts;
  version: string;
}

/** Milliseconds that cluster and database may take to answer. */
const answerMs = 3_000;

/** The state of the service and of what it stands on. Always an answer, however much is down. */
export class SystemState {
  readonly #startedAt = new Date();

  private readonly parts: StatusParts;

  constructor(parts: StatusParts) {
    this.parts = parts;
  }

  /** @param isAdmin whether the reader may know who may what */
  async read(isAdmin: boolean): Promise<SystemStatus> {
    const { policy, grants, sessions, version } = this.parts;
    const [cluster, database, permissions, deployments] = await Promise.all([
      this.#cluster(),
      this.#database(),
      this.#permissions(),
      this.parts.store.countByStage().catch(() => null),
    ]);
    const lacking = permissions.some(({ missing }) => missing.length > 0);
    return {
      status: cluster.reachable && database.reachable && !lacking ? 'ok' : 'degraded',
      version,
      started_at: this.#startedAt.toISOString(),
      uptime_seconds: Math.round((Date.now() - this.#startedAt.getTime()) / 1_000),
      cluster,
      database,
      permissions,
      policy: {
        level: policy.level,
        kinds: [...policy.kinds],
        namespaces: [...policy.namespaces],
        grants: isAdmin ? [...grants] : null,
      },
      sessions: {
        open: sessions.open,
        limit: sessions.limit,
        limit_per_user: sessions.limitPerUser,
      },
      deployments,
    };
  }

  async #cluster(): Promise<SystemStatus['cluster']> {
    const { api, context } = this.parts.cluster;
    try {
      const { gitVersion } = await api.get<{ gitVersion?: string }>('/version', { timeoutMs: answerMs });
      return { reachable: true, context, version: gitVersion ?? null, message: null };
    } catch (error) {
      return { reachable: false, context, version: null, message: wordsOf(error) };
    }
  }

  async #database(): Promise<SystemStatus['database']> {
    try {
      await this.parts.database.ping();
      return { reachable: true, message: null };
    } catch (error) {
      return { reachable: false, message: wordsOf(error) };
    }
  }

  async #permissions(): Promise<NamespacePermissions[]> {
    const signal = AbortSignal.timeout(answerMs);
    setMaxListeners(0, signal);
    return this.parts.permissions.current(signal).catch(() => []);
  }
}

const wordsOf = (error: unknown): string =>
  error instanceof KubeConnectionError ? error.what : error instanceof Error ? error.message : String(error);
