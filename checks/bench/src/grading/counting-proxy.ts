import { type IncomingMessage, type Server, createServer, request } from 'node:http';
import { portOf } from '@cloudemy/testing';

/** Stands between a client and an HTTP server and counts what is asked, by method and kind of resource. */
export class CountingProxy {
  private readonly counts = new Map<string, number>();

  private readonly server: Server;
  readonly url: string;

  private constructor(server: Server, url: string) {
    this.server = server;
    this.url = url;
  }

  static async before(targetUrl: string): Promise<CountingProxy> {
    const target = new URL(targetUrl);
    const started: { proxy?: CountingProxy } = {};
    const server = createServer((asked, answer) => {
      started.proxy?.count(asked);
      const { method, url: path, headers } = asked;
      const onward = request({ host: target.hostname, port: target.port, method, path, headers });
      onward.on('response', (received) => {
        answer.writeHead(received.statusCode ?? 502, received.headers);
        received.pipe(answer);
      });
      onward.on('error', () => answer.destroy());
      answer.on('close', () => onward.destroy());
      asked.pipe(onward);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    started.proxy = new CountingProxy(server, `http://127.0.0.1:${portOf(server)}`);
    return started.proxy;
  }

  /** How many requests with these methods, dry runs aside, were about this resource, such as `jobs`. */
  asked(resource: string, methods: readonly string[]): number {
    return methods.reduce((sum, method) => sum + (this.counts.get(`${method} ${resource}`) ?? 0), 0);
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private count({ method = '', url = '' }: IncomingMessage): void {
    // A dry run stores nothing, so it is no write.
    if (isDryRun(url)) return;
    const key = `${method} ${resourceOf(url)}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }
}

const isDryRun = (path: string): boolean => new URL(path, 'http://cluster').searchParams.has('dryRun');

/** The part of a path that names the kind. */
const resourceOf = (path: string): string => /\/namespaces\/[^/]+\/([a-z]+)/.exec(path)?.[1] ?? 'other';
