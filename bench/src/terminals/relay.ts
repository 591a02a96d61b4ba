import { connect, createServer } from 'node:net';

/**
 * A program that passes bytes on and does nothing else: what any service in between costs at the least.
 * `relay.js PORT` passes on to that port of this machine and writes its own to stdout.
 */
const target = Number(process.argv[2]);

const server = createServer({ noDelay: true }, (client) => {
  const upstream = connect({ host: '127.0.0.1', port: target, noDelay: true });
  client.pipe(upstream).pipe(client);
  client.on('error', () => upstream.destroy());
  upstream.on('error', () => client.destroy());
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
