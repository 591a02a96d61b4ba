import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, resolve } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import type { User } from '@kubernetes/client-node/dist/config_types.js';
import { parse } from 'yaml';
import { isRecord } from '../objects/is-record.js';
import { ClusterConfigError } from './errors.js';

export interface ClusterSource {
  /** Path of a kubeconfig file, or several joined as in `KUBECONFIG`. */
  kubeconfig?: string | undefined;
  /** Use the service account of the pod this process runs in. */
  inCluster?: boolean | undefined;
  /** The context to use; the kubeconfig's current one when left out. */
  context?: string | undefined;
}

/** Where the kubelet puts a pod's credentials. Fixed by Kubernetes. */
const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

const NO_CLUSTER = 'no cluster named: set KUBECONFIG to a kubeconfig file, or run inside a pod';

/** Whether this process runs in a pod that was given a service account. */
export function runsInCluster(env: Readonly<Record<string, string | undefined>>): boolean {
  return env['KUBERNETES_SERVICE_HOST'] !== undefined && existsSync(SERVICE_ACCOUNT_TOKEN);
}

/**
 * The cluster the environment names: `KUBECONFIG`, else the pod's service account.
 * @throws {ClusterConfigError} when it names none
 */
export function clusterSourceFrom(env: Readonly<Record<string, string | undefined>>): ClusterSource {
  const kubeconfig = env['KUBECONFIG'];
  if (kubeconfig !== undefined && kubeconfig !== '') return { kubeconfig };
  if (runsInCluster(env)) return { inCluster: true };
  throw new ClusterConfigError(NO_CLUSTER);
}

/**
 * Reads the configuration afresh from where it was said to be. A person's `~/.kube/config` is never
 * looked at: a service must not act on a cluster that nobody named.
 * @throws {ClusterConfigError} when it is missing, unreadable or names no such context
 */
export function loadKubeConfig(source: ClusterSource): KubeConfig {
  const config = source.inCluster === true ? fromServiceAccount() : fromFiles(source.kubeconfig);
  if (source.context !== undefined) config.setCurrentContext(source.context);
  const name = config.getCurrentContext();
  if (config.getContextObject(name) === null) {
    const known = config.getContexts().map((context) => context.name);
    throw new ClusterConfigError(
      `${describeSource(source)} has no context ${JSON.stringify(name ?? '')}; it has: ${known.join(', ') || 'none'}`,
    );
  }
  if (config.getCurrentCluster() === null) {
    throw new ClusterConfigError(`${describeSource(source)}: context ${name} names no known cluster`);
  }
  return allowPlainHttp(config);
}

/** How messages call the source. */
export function describeSource(source: ClusterSource): string {
  return source.inCluster === true ? 'the service account' : `kubeconfig ${source.kubeconfig ?? ''}`;
}

function fromServiceAccount(): KubeConfig {
  if (!existsSync(SERVICE_ACCOUNT_TOKEN)) {
    throw new ClusterConfigError(
      `not inside a pod: there is no ${SERVICE_ACCOUNT_TOKEN}. Name a kubeconfig file instead`,
    );
  }
  const config = new KubeConfig();
  config.loadFromCluster();
  return config;
}

function fromFiles(paths: string | undefined): KubeConfig {
  const named = (paths ?? '').split(delimiter).filter((file) => file !== '');
  if (named.length === 0) {
    throw new ClusterConfigError(NO_CLUSTER);
  }
  // Of a list a file may be missing, as for kubectl.
  const present = named.filter((file) => existsSync(file));
  const files = present.length === 0 ? named : present;
  const merged = new KubeConfig();
  for (const file of files) {
    const config = new KubeConfig();
    try {
      config.loadFromFile(file);
      config.users = withTokenFiles(config.users, file);
      merged.mergeConfig(config, merged.currentContext !== undefined);
    } catch (error) {
      throw new ClusterConfigError(`kubeconfig ${file} cannot be used: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }
  return merged;
}

/** client-node overlooks `tokenFile`, by which kubeconfigs name a token that is renewed on disk. */
function withTokenFiles(users: User[], file: string): User[] {
  const raw: unknown = parse(readFileSync(file, 'utf8'));
  const entries: unknown = isRecord(raw) ? raw['users'] : undefined;
  if (!Array.isArray(entries)) return users;
  const tokenFiles = new Map<unknown, string>();
  for (const entry of entries) {
    if (!isRecord(entry) || !isRecord(entry['user'])) continue;
    const { tokenFile } = entry['user'];
    if (typeof tokenFile === 'string') tokenFiles.set(entry['name'], resolve(dirname(file), tokenFile));
  }
  return users.map((user) => {
    const tokenFile = tokenFiles.get(user.name);
    return tokenFile === undefined
      ? user
      : { ...user, authProvider: { name: 'tokenFile', config: { tokenFile } } };
  });
}

/** client-node refuses `http://` unless TLS verification is off, which means nothing without TLS. */
function allowPlainHttp(config: KubeConfig): KubeConfig {
  config.clusters = config.clusters.map((cluster) =>
    cluster.server.startsWith('http://') ? { ...cluster, skipTLSVerify: true } : cluster,
  );
  return config;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
