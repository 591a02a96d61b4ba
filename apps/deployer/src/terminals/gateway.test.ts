import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TerminalSession, maxTerminalFrameBytes } from '@cloudemy/contracts';
import { WebSocket } from 'ws';
import { TerminalClient } from './testing/terminal-client.js';
import { TerminalBench, type TerminalHost, everybody } from './testing/terminal-host.js';

let bench: TerminalBench;
let host: TerminalHost;

beforeAll(async () => {
  bench = await TerminalBench.start();
  await bench.runJob('sleeper');
  await bench.untilReady('sleeper');
});
afterAll(() => bench.close());
beforeEach(async () => {
  host = await bench.serve();
});
afterEach(() => host.close());

/** `sh` does not read the machine's start-up files and has no line editor: what it shows is what was asked for. */
const open = (shell = '/bin/sh') => host.api.createTerminal({ body: { job_name: 'sleeper', shell } });

async function connect(subprotocol?: 'json' | 'binary', shell?: string): Promise<TerminalClient> {
  const { websocket_url } = await open(shell);
  return TerminalClient.connect(websocket_url, subprotocol);
}

const countOf = (character: string, bytes: Buffer): number =>
  bytes.toString('latin1').split(character).length - 1;

/** Waits until a number stands still. */
async function untilSteady(read: () => number): Promise<void> {
  for (let before = -1; before !== read();) {
    before = read();
    await sleep(300);
  }
}

describe('a terminal', () => {
  it('works for the client of the requirements, to the letter', async () => {
    const session = await host.api.openJobTerminal({
      params: { job_name: 'sleeper' },
      query: { namespace: 'default', shell: '/bin/bash' },
    });
    const written: unknown[] = [];
    const ws = new WebSocket(session.websocket_url);
    ws.on('open', () => ws.send(JSON.stringify({ type: 'input', data: 'echo $((6*7)); exit 3\n' })));
    ws.on('message', (data: Buffer) => {
      const output = JSON.parse(data.toString());
      if (output.type !== 'exit') written.push(output.data);
    });
    const [code] = await once(ws, 'close');
    expect(code).toBe(1000);
    expect(written.every((data) => typeof data === 'string')).toBe(true);
    expect(written.join('')).toMatch(/42\r?$/m);
  });

  it('is a TTY that resizes, and Ctrl-C interrupts', async () => {
    const client = await connect('json', '/bin/bash');
    client.type('stty size; tty | cut -c1-8\n');
    await client.until(/24 80\r\n\/dev\/pts/);
    client.send({ type: 'resize', cols: 133, rows: 50 });
    client.type('stty size\n');
    await client.until('50 133');
    client.type('sh -c "echo sta\\"\\"rted; exec sleep 1000"\n');
    await client.until('started');
    client.type('\x03');
    client.type('echo interrupted: $?\n');
    await client.until('interrupted: 130');
  });

  it.each(['json', 'binary'] as const)('takes a pasted megabyte whole (%s)', async (subprotocol) => {
    const pasted = Buffer.from('0123456789abcde\n'.repeat(65_536));
    const client = await connect(subprotocol);
    client.type(`stty raw -echo; echo rea""dy; head -c ${pasted.length} | sha256sum; stty sane\n`);
    await client.until('ready');
    if (subprotocol === 'json') client.type(pasted.toString());
    else client.socket.send(pasted);
    const digest = createHash('sha256').update(pasted).digest('hex');
    await client.until(new RegExp(`^${digest}`, 'm'));
  });

  it('echoes a pasted megabyte to a client that acknowledges only what it was sent', async () => {
    const pasted = Buffer.alloc(1_500_000, 'x');
    const client = await connect('binary');
    client.socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) client.send({ type: 'ack', bytes: data.length });
    });
    client.type(`stty raw -echo; echo rea""dy; head -c ${pasted.length}; stty sane; echo do""ne\n`);
    await client.until('ready');
    client.socket.send(pasted);
    await client.until('done');
    expect(countOf('x', client.bytes)).toBe(pasted.length);
  });

  it('sends no more than a window to a client that does not acknowledge', async () => {
    const client = await connect('binary');
    client.type('head -c 3000000 /dev/zero | tr "\\0" x; echo do""ne\n');
    await untilSteady(() => client.byteCount);
    expect(client.byteCount).toBeGreaterThan(900_000);
    expect(client.byteCount).toBeLessThan(1_300_000);
    client.socket.on('message', (data: Buffer) => client.send({ type: 'ack', bytes: data.length }));
    client.send({ type: 'ack', bytes: client.byteCount });
    await client.until('done');
    expect(countOf('x', client.bytes)).toBeGreaterThanOrEqual(3_000_000);
  });

  it('does not read on for a client that does not, and loses nothing of it', async () => {
    const client = await connect();
    client.type('echo g""o; head -c 20000000 /dev/zero | tr "\\0" x; echo do""ne\n');
    await client.until('go');
    client.socket.pause();
    const [session] = host.feature.terminals.list(everybody, {});
    const taken = (): number => session?.terminal.traffic.bytesOut ?? 0;
    await untilSteady(taken);
    // What the kernel holds for the connection to the client, and the queue's quarter of a megabyte.
    expect(taken()).toBeLessThan(14_000_000);
    client.socket.resume();
    await client.until('done');
    expect(countOf('x', client.bytes)).toBeGreaterThanOrEqual(20_000_000);
  });
});

describe('coming back', () => {
  it('finds the session as it was left, its last output first', async () => {
    const { websocket_url } = await open();
    const first = await TerminalClient.connect(websocket_url, 'binary');
    first.type('x=kept; echo first $x\n');
    await first.until('first kept');
    first.socket.terminate();
    const second = await TerminalClient.connect(websocket_url, 'binary');
    const { replay_bytes } = await second.frame('ready');
    await second.until('first kept');
    expect(replay_bytes).toBe(second.bytes.length);
    second.type('echo second $x\n');
    await second.until('second kept');
  });

  it('takes over from whoever is there', async () => {
    const { websocket_url } = await open();
    const first = await TerminalClient.connect(websocket_url, 'json');
    const second = await TerminalClient.connect(websocket_url);
    expect(await first.closed).toMatchObject({ code: 4005, reason: expect.stringMatching(/^taken_over/) });
    expect(await first.frame('exit')).toMatchObject({ reason: 'taken_over' });
    second.type('echo $((40+2))\n');
    await second.until('42');
  });

  it('is too late after a while', async () => {
    const { session_id, websocket_url } = await open();
    host.feature.terminals.sweep(Date.now() + 59_000);
    expect(await host.api.listTerminals({})).toMatchObject({ items: [{ session_id, connected: false }] });
    host.feature.terminals.sweep(Date.now() + 61_000);
    expect(await host.api.listTerminals({})).toMatchObject({ items: [] });
    const late = await TerminalClient.connect(websocket_url);
    expect(await late.frame('exit')).toMatchObject({ reason: 'not_found', exit_code: null });
    expect(await late.closed).toMatchObject({ code: 4404, reason: expect.stringMatching(/^not_found/) });
  });
});

describe('a client', () => {
  it('that no longer answers pings is cut off, and the session waits for it', async () => {
    await host.close();
    host = await bench.serve({ TERMINAL_PING_SECONDS: 0.1 });
    const { session_id, websocket_url } = await open();
    const dead = new WebSocket(websocket_url, { autoPong: false });
    const [code] = await once(dead, 'close');
    expect(code).toBe(1006);
    expect(await host.api.listTerminals({})).toMatchObject({ items: [{ session_id, connected: false }] });
  });

  it('that takes no output for too long is told to come back', async () => {
    await host.close();
    host = await bench.serve({ TERMINAL_PING_SECONDS: 1, TERMINAL_STALLED_SECONDS: 1 });
    const { session_id, websocket_url } = await open();
    const slow = await TerminalClient.connect(websocket_url, 'binary');
    slow.type('head -c 3000000 /dev/zero | tr "\\0" x\n');
    expect(await slow.frame('exit')).toMatchObject({ reason: 'too_slow' });
    expect(await slow.closed).toMatchObject({ code: 4006, reason: expect.stringMatching(/^too_slow/) });
    expect(await host.api.listTerminals({})).toMatchObject({ items: [{ session_id, connected: false }] });
  });
});

describe('a client of JSON', () => {
  it('that has not read for too long learns so when it reads again', async () => {
    await host.close();
    host = await bench.serve({ TERMINAL_PING_SECONDS: 5, TERMINAL_STALLED_SECONDS: 1 });
    const { session_id, websocket_url } = await open();
    const slow = await TerminalClient.connect(websocket_url);
    slow.type('echo g""o; head -c 30000000 /dev/zero | tr "\\0" x\n');
    await slow.until('go');
    slow.socket.pause();
    const isConnected = async () =>
      (await host.api.listTerminals({})).items.some(
        (item) => item.session_id === session_id && item.connected,
      );
    while (await isConnected()) await sleep(50);
    slow.socket.resume();
    expect(await slow.frame('exit')).toMatchObject({ reason: 'too_slow' });
    expect(await slow.closed).toMatchObject({ code: 4006, reason: expect.stringMatching(/^too_slow/) });
  });
});

describe('frames without meaning', () => {
  it('are answered in words, and the terminal goes on', async () => {
    const client = await connect();
    client.send('ls -la');
    client.socket.send(Buffer.from('ls\n'));
    client.send({ type: 'resize', cols: 0, rows: 24 });
    client.send({ type: 'resize', cols: 80, rows: 1_000_000 });
    client.send({ type: 'ping', id: 7 });
    client.type('stty size\n');
    await client.until('24 80');
    expect(client.frames.map((frame) => (frame.type === 'error' ? frame.code : frame))).toEqual([
      'bad_frame',
      'bad_frame',
      'bad_frame',
      'bad_frame',
      { type: 'pong', id: 7 },
    ]);
  });

  it('end the connection when there is no end of them', async () => {
    const client = await connect('json');
    for (let i = 0; i < 30; i++) client.send('?');
    expect(await client.closed).toMatchObject({ code: 1008 });
  });

  it('and oversize ones end the connection, not the session', async () => {
    const { websocket_url } = await open();
    const client = await TerminalClient.connect(websocket_url);
    client.socket.on('error', () => undefined);
    client.socket.send(Buffer.alloc(maxTerminalFrameBytes + 1));
    expect(await client.frame('exit')).toMatchObject({ reason: 'message_too_big' });
    expect(await client.closed).toMatchObject({
      code: 1009,
      reason: expect.stringMatching(/^message_too_big: .*8 MiB/),
    });
    const again = await TerminalClient.connect(websocket_url);
    again.type('echo $((40+2))\n');
    await again.until('42');
  });
});

it('websocket_url is the address that a trusted proxy was asked by: host, port, path', async () => {
  const open = async (headers: Record<string, string>) => {
    const answer = await fetch(`${host.url}/terminal/create`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ job_name: 'sleeper', shell: '/bin/sh' }),
    });
    return TerminalSession.parse(await answer.json()).websocket_url.replace(/\/terminal\/.*/, '');
  };
  const proxied = { 'x-forwarded-host': 'example.org', 'x-forwarded-proto': 'https' };
  expect(await open({ ...proxied, 'x-forwarded-prefix': '/bench/' })).toBe('wss://example.org/bench');
  expect(await open({ ...proxied, 'x-forwarded-port': '8443' })).toBe('wss://example.org:8443');
  expect(await open({ ...proxied, 'x-forwarded-port': '443', 'x-forwarded-prefix': 'evil.example' })).toBe(
    'wss://example.org',
  );
});

describe('a handshake is refused as any request is', () => {
  /** The answer to a GET with these headers. */
  async function get(path: string, headers: Record<string, string>) {
    const { port } = host.server;
    const req = request({ port, host: '127.0.0.1', path, headers: { connection: 'close', ...headers } });
    req.end();
    const [res] = await once(req, 'response');
    const body = JSON.parse(await text(res));
    return {
      status: res.statusCode,
      type: res.headers['content-type'],
      code: body.code,
      headers: res.headers,
    };
  }
  const handshake = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  const problem = (status: number, code: string) => ({
    status,
    code,
    type: expect.stringMatching(/^application\/problem\+json/),
  });

  it.each([
    ['a name that is no session id', '/terminal/..%2f..%2fetc', {}, 422, 'invalid_request'],
    ['another path', '/jobs', {}, 404, 'not_found'],
  ])('%s', async (_what, path, headers, status, code) => {
    expect(await get(path, { ...handshake, ...headers })).toMatchObject(problem(status, code));
  });

  it.each([
    ['a page of another origin', { origin: 'https://evil.example' }, 403, 'foreign_origin'],
    ['a name that was rebound', { host: 'evil.example' }, 403, 'foreign_origin'],
    ['no WebSocket', { upgrade: 'h2c' }, 426, 'upgrade_required'],
    ['an old version', { 'sec-websocket-version': '8' }, 400, 'malformed_request'],
    ['a bad key', { 'sec-websocket-key': 'x' }, 400, 'malformed_request'],
    ['unknown subprotocols', { 'sec-websocket-protocol': 'tty, soap' }, 400, 'malformed_request'],
  ])('%s', async (_what, headers, status, code) => {
    const { session_id } = await open();
    const path = `/terminal/${session_id}`;
    expect(await get(path, { ...handshake, ...headers })).toMatchObject(problem(status, code));
    expect(await host.api.listTerminals({})).toMatchObject({ items: [{ connected: false }] });
  });

  it('but pages that may, and the first known subprotocol, are taken', async () => {
    const { websocket_url } = await open();
    const ws = new WebSocket(websocket_url, ['tty', 'cloudemy.terminal.v1.json'], {
      origin: 'http://localhost:3000',
    });
    await once(ws, 'open');
    expect(ws.protocol).toBe('cloudemy.terminal.v1.json');
    ws.terminate();
  });

  it('and offers of other protocols are simply not taken up', async () => {
    const answer = await get('/terminal/sessions', { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c' });
    expect(answer.status).toBe(200);
  });
});
