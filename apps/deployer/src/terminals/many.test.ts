import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { TerminalClient } from './testing/terminal-client.js';
import { TerminalBench, type TerminalHost } from './testing/terminal-host.js';

const many = 100;
let bench: TerminalBench;
let host: TerminalHost;

beforeAll(async () => {
  bench = await TerminalBench.start();
  await bench.runJob('sleeper');
  await bench.untilReady('sleeper');
  host = await bench.serve({ TERMINAL_MAX_SESSIONS_PER_USER: many });
});
afterAll(async () => {
  await host.close();
  await bench.close();
});

it('keeps a hundred terminals apart', async () => {
  const body = { job_name: 'sleeper', shell: '/bin/sh' };
  const clients = await Promise.all(
    Array.from({ length: many }, async (_, index) => {
      const { websocket_url } = await host.api.createTerminal({ body });
      return TerminalClient.connect(websocket_url, index % 2 === 0 ? 'json' : 'binary');
    }),
  );
  for (const [index, client] of clients.entries()) client.type(`me=${index}\n`);
  await Promise.all(
    clients.map(async (client, index) => {
      client.type('i=0; while [ $i -lt 20 ]; do echo "<$me:$i>"; i=$((i+1)); done\n');
      await client.until(`<${index}:19>`);
    }),
  );
  for (const [index, client] of clients.entries()) {
    const lines = client.bytes.toString().match(/<\d+:\d+>/g);
    expect(lines).toEqual(Array.from({ length: 20 }, (_, i) => `<${index}:${i}>`));
  }
});
