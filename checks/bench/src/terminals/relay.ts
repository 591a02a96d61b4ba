import { connect, createServer } from 'node:net';

/**
 * A program that passes bytes on, the answers later: it moves a port of this machine as far away as a cluster is.
 * `relay.js PORT MILLISECONDS` passes on to that port and writes its own to stdout.
 */
const target = Number(process.argv[2]);
const delayMs = Number(process.argv[3]);

const server = createServer({ noDelay: true }, (client) => {
  const upstream = connect({ host: '127.0.0.1', port: target, noDelay: true });
  client.pipe(upstream);
  upstream.on('data', (bytes: Buffer) => setTimeout(() => client.write(bytes), delayMs));
  upstream.on('end', () => setTimeout(() => client.end(), delayMs));
  client.on('error', () => upstream.destroy());
  upstream.on('error', () => client.destroy());
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
