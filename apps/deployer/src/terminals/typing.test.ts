import { access } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TerminalClient } from './testing/terminal-client.js';
import { TerminalBench, type TerminalHost } from './testing/terminal-host.js';

let bench: TerminalBench;
let host: TerminalHost;

beforeAll(async () => {
  bench = await TerminalBench.start();
  await bench.runJob('plain');
  const env = [{ name: 'LC_ALL', value: 'C' }];
  const command = ['sh', '-c', 'sleep 3600'];
  const container = { name: 'main', image: 'busybox', command, env };
  await bench.runJob('own', { containers: [container] });
  await bench.untilReady('plain');
  await bench.untilReady('own');
  host = await bench.serve({ TERMINAL_SHELLS: ['/bin/bash', '/bin/sh', '/bin/dash'] });
});
afterAll(async () => {
  await host.close();
  await bench.close();
});

async function openIn(job_name: string, shell: string): Promise<TerminalClient> {
  const session = await host.api.createTerminal({ body: { job_name, shell } });
  expect(session.shell).toBe(shell);
  const client = await TerminalClient.connect(session.websocket_url);
  await client.until(/[$#] $/);
  return client;
}

/** Types one key after the other, each in a frame of its own and only when the one before is on the screen. */
async function typeKeys(client: TerminalClient, keys: string): Promise<void> {
  for (const key of keys) {
    const before = client.byteCount;
    client.type(key);
    await client.until(() => client.byteCount > before);
  }
}

const rubOut = '\x7f';

describe.each(['/bin/bash', '/bin/sh', '/bin/dash'])('typing in %s', (shell) => {
  it.each([
    ['ä', 'e'],
    ['ß', 's'],
    ['한', '글'],
    ['é', '🙂'],
  ])('takes %s, and rubs it out whole', async (letter, other) => {
    await access(shell);
    const client = await openIn('plain', shell);
    await typeKeys(client, `echo "<${letter}${other}${letter}${rubOut}${rubOut}>" g""o\n`);
    await client.until(' go');
    const lines = client.bytes.toString().split(/\r?\n/);
    expect(lines.filter((line) => line.endsWith(`<${letter}> go`))).toHaveLength(1);
    client.close();
  });
});

it('a locale that the image sets is kept', async () => {
  const own = await openIn('own', '/bin/sh');
  own.type('echo "<$LC_ALL|$LANG>"\n');
  await own.until('<C|>');
  const plain = await openIn('plain', '/bin/sh');
  plain.type('echo "<$LC_ALL|$LANG>"\n');
  await plain.until('<|C.UTF-8>');
});
