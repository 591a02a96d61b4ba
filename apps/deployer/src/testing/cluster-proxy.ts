import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer, request } from 'node:http';

/** Answers a request for a log in place of the cluster; false to let the cluster answer. */
export type AnswerLog = (query: URLSearchParams, response: ServerResponse) => boolean;

/** Stands before a cluster and passes all on, but for what a test wants it to say, or not to say. */
export class ClusterProxy {
  answerLog: AnswerLog = () => false;
  /** Changes are taken and never answered, nor passed on; trying them out still works. */
  holdsChanges = false;
  /** Deletions, and changes that are not merely tried out, are answered with this status, if there is one. */
  failsChanges: number | undefined;

  readonly url: string;
  private readonly server: Server;

  private constructor(server: Server, url: string) {
    this.server = server;
    this.url = url;
  }

  static async before(target: string): Promise<ClusterProxy> {
    const server = createServer((incoming, response) => proxy.#answer(target, incoming, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('no port');
    const own = new URL(target);
    own.port = String(address.port);
    const proxy = new ClusterProxy(server, own.href.replace(/\/$/, ''));
    return proxy;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  #answer(target: string, incoming: IncomingMessage, response: ServerResponse): void {
    const url = new URL(incoming.url ?? '/', target);
    if (url.pathname.endsWith('/log') && this.answerLog(url.searchParams, response)) return;
    const isChange = ['PATCH', 'DELETE'].includes(incoming.method ?? '') && !url.searchParams.has('dryRun');
    if (this.failsChanges !== undefined && isChange) {
      refuse(response, this.failsChanges, 'the server is on its way down');
      return;
    }
    if (this.holdsChanges && incoming.method === 'PATCH' && isChange) return;
    const passed = request(
      url,
      { method: incoming.method, headers: { ...incoming.headers, host: url.host } },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
        answer.once('error', () => response.destroy());
      },
    );
    passed.once('error', () => response.destroy());
    response.once('close', () => passed.destroy());
    incoming.pipe(passed);
  }
}

/** How an API server refuses. */
function refuse(response: ServerResponse, code: number, message: string): void {
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code };
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(status));
}

/** How a kubelet refuses: the API server passes its words on. */
export function refuseLog(response: ServerResponse, code: number, message: string): boolean {
  refuse(response, code, message);
  return true;
}
