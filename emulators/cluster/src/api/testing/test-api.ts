import { ClusterAdmission } from '../../admission/cluster-admission.js';
import { QuotaStatus } from '../../admission/quota.js';
import { fillCluster, NamespaceDefaults } from '../../bootstrap.js';
import { asObject } from '../../json.js';
import type { JsonObject } from '../../json.js';
import type { PodRuntime } from '../../kubelet-contract.js';
import { silent } from '../../log.js';
import { GarbageCollector } from '../../store/garbage-collector.js';
import { NamespaceCleaner } from '../../store/namespace-cleaner.js';
import { Registry } from '../../store/registry.js';
import { composeApi } from '../compose.js';

export interface TestApi {
  registry: Registry;
  url: string;
  token: string;
  /** A request as the administrator; headers given replace the credentials. */
  fetch(path: string, init?: TestRequest): Promise<Response>;
  /** A request with a JSON body; answers the parsed body. */
  json(method: string, path: string, body?: object): Promise<JsonObject>;
  close(): Promise<void>;
}

export interface TestRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: Buffer<ArrayBuffer>;
  signal?: AbortSignal;
}

/** An API server over an empty cluster, without controllers and node, on a free port. */
export async function startTestApi(runtime?: PodRuntime, name?: string): Promise<TestApi> {
  const registry = new Registry((store) => new ClusterAdmission(store));
  const parts = [
    new GarbageCollector(registry),
    new NamespaceCleaner(registry),
    new NamespaceDefaults(registry),
    new QuotaStatus(registry),
  ];
  fillCluster(registry);
  const api = composeApi(registry, silent, () => runtime, name);
  const url = `http://127.0.0.1:${await api.listen(0, '127.0.0.1')}`;
  const token = api.tokens.admin;
  const send = (path: string, init: TestRequest = {}) =>
    fetch(url + path, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
  return {
    registry,
    url,
    token,
    fetch: send,
    async json(method, path, body) {
      const response = await send(path, {
        method,
        ...(body === undefined
          ? {}
          : { body: Buffer.from(JSON.stringify(body)), headers: { 'content-type': 'application/json' } }),
      });
      return asObject(await response.json());
    },
    async close() {
      parts.forEach((part) => {
        part.close();
      });
      await api.close();
    },
  };
}
