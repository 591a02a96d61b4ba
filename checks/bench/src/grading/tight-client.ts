import * as http from 'node:http';
import * as https from 'node:https';
import { text } from 'node:stream/consumers';
import { mapLimit } from '@cloudemy/async';
import { type Cluster, type Job, JOBS, resourcePath } from '@cloudemy/k8s';

const connections = 16;

/**
 * The rival: Node's own HTTP client in a loop, on connections kept alive, with every body made beforehand. It
 * keeps no queue, no state and no promise; nothing that creates Jobs over HTTP can be much faster.
 */
export class TightClient {
  private readonly url: string;
  private readonly headers: Record<string, string>;
  private readonly agent: http.Agent;

  private constructor(url: string, headers: Record<string, string>, agent: http.Agent) {
    this.url = url;
    this.headers = headers;
    this.agent = agent;
  }

  static async to({ api }: Cluster, namespace: string): Promise<TightClient> {
    const target = await api.transport.webSocketTarget(resourcePath(JOBS, { namespace }), {});
    const { headers, ca, cert, key, rejectUnauthorized } = target.options;
    const keepAlive = { keepAlive: true, maxSockets: connections };
    const agent = target.url.startsWith('wss:')
      ? new https.Agent({ ...keepAlive, ca, cert, key, rejectUnauthorized })
      : new http.Agent(keepAlive);
    return new TightClient(target.url.replace(/^ws/, 'http'), { ...headers }, agent);
  }

  /** Creates them all. Throws when the server takes one not. */
  async create(jobs: readonly Job[]): Promise<void> {
    const bodies = jobs.map((job) => Buffer.from(JSON.stringify(job)));
    await mapLimit(bodies, connections, (body) => this.post(body));
  }

  close(): void {
    this.agent.destroy();
  }

  private async post(body: Buffer): Promise<void> {
    const { agent, headers } = this;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const { request } = this.url.startsWith('https:') ? https : http;
    const call = request(this.url, {
      agent,
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'content-length': body.length },
    });
    call.on('error', reject);
    call.on('response', (answer) => {
      text(answer).then((said) => {
        if (answer.statusCode === 201) resolve();
        else reject(new Error(`creating a Job: ${answer.statusCode} ${said}`));
      }, reject);
    });
    call.end(body);
    await promise;
  }
}

/** The same Job under another name in another namespace, as one would send it. */
export function copyOf({ metadata, spec }: Job, name: string, namespace: string): Job {
  const { selector: _, ...own } = { selector: undefined, ...spec };
  const labels = Object.entries(metadata.labels ?? {}).filter(([label]) => !isOfController(label));
  const ofPods = Object.entries(spec.template.metadata?.labels ?? {}).filter(
    ([label]) => !isOfController(label),
  );
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace, labels: Object.fromEntries(labels) },
    spec: { ...own, template: { ...spec.template, metadata: { labels: Object.fromEntries(ofPods) } } },
  };
}

/** What the server adds by itself. */
const isOfController = (label: string): boolean => /controller-uid|job-name/.test(label);
