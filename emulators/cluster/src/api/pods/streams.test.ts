import { PassThrough, Readable, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { asString, at } from '../../json.js';
import type {
  ExecOptions,
  ExecOutcome,
  ExecSession,
  LogOptions,
  PodRuntime,
} from '../../kubelet-contract.js';
import type { TestApi } from '../testing/test-api.js';
import { startTestApi } from '../testing/test-api.js';

/** A runtime whose every container is `cat` with a size; `exit N` ends it. */
class Cat implements PodRuntime {
  readonly sizes: string[] = [];
  readonly logs: LogOptions[] = [];
  detached = 0;
  received = 0;
  /** Resolves when a client has gone. */
  readonly left: Promise<void>;
  #leave: () => void = () => {};

  constructor() {
    this.left = new Promise((resolve) => {
      this.#leave = resolve;
    });
  }

  async *openLog(_pod: unknown, _container: string, options: LogOptions): AsyncGenerator<Buffer> {
    this.logs.push(options);
    yield Buffer.from('one\n');
    if (options.follow) {
      await new Promise((resolve) => {
        options.signal.addEventListener('abort', resolve);
      });
      return;
    }
    yield Buffer.from('two\n');
  }

  exec(_pod: unknown, _container: string, options: ExecOptions): ExecSession {
    const stdout = options.command[0] === 'flood' ? this.#flood() : new PassThrough();
    let end: (outcome: ExecOutcome) => void = () => {};
    const exited = new Promise<ExecOutcome>((resolve) => {
      end = resolve;
    });
    const finish = (outcome: ExecOutcome) => {
      stdout.push(null);
      end(outcome);
    };
    if (options.command[0] === 'missing') {
      finish({ kind: 'failed', message: 'exec: "missing": not found' });
    }
    const stdin = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.received += chunk.length;
        const code = /exit (\d+)/.exec(chunk.toString('latin1'))?.[1];
        stdout.push(chunk);
        if (code !== undefined) {
          finish({ kind: 'exited', exitCode: Number(code) });
        }
        // A slow reader: input has to wait, not to vanish.
        setImmediate(done);
      },
      final: (done) => {
        finish({ kind: 'exited', exitCode: 0 });
        done();
      },
    });
    return {
      stdin,
      stdout,
      exited,
      resize: (columns, rows) => this.sizes.push(`${columns}x${rows}`),
      detach: () => {
        this.detached += 1;
        this.#leave();
        stdout.destroy();
      },
    };
  }

  #flood(): Readable {
    return new Readable({
      read: function read(this: Readable) {
        counter.produced += 65_536;
        this.push(Buffer.alloc(65_536, 0x61));
      },
    });
  }
}

/** Bytes of output that were asked of the process. */
const counter = { produced: 0 };

interface Frame {
  channel: number;
  text: string;
}

let api: TestApi;
let runtime: Cat;
let sockets: WebSocket[];

beforeEach(async () => {
  runtime = new Cat();
  counter.produced = 0;
  sockets = [];
  api = await startTestApi(runtime);
  const running = { name: 'main', state: { running: {} }, ready: true };
  api.registry.create('pods', {
    metadata: { name: 'p', namespace: 'default' },
    spec: { nodeName: 'n', containers: [{ name: 'main', image: 'busybox' }] },
    status: { phase: 'Running', containerStatuses: [running] },
  });
  api.registry.create('pods', {
    metadata: { name: 'two', namespace: 'default' },
    spec: { containers: ['a', 'b'].map((name) => ({ name, image: 'busybox' })) },
  });
});

afterEach(async () => {
  sockets.forEach((socket) => {
    socket.terminate();
  });
  await api.close();
});

function open(
  query: string,
  protocols: string[] = ['v4.channel.k8s.io', 'v5.channel.k8s.io'],
  pod = 'p',
): WebSocket {
  const url = `${api.url.replace('http', 'ws')}/api/v1/namespaces/default/pods/${pod}/exec?${query}`;
  const socket = new WebSocket(url, protocols, { headers: { authorization: `Bearer ${api.token}` } });
  sockets.push(socket);
  // Ending a socket that never opened is an error of its own.
  socket.on('error', () => {});
  return socket;
}

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
}

/** Everything a session sends until it is closed, and the close code. */
function frames(socket: WebSocket): Promise<{ frames: Frame[]; code: number }> {
  const found: Frame[] = [];
  socket.on('message', (data: Buffer) => {
    found.push({ channel: data[0] ?? -1, text: data.subarray(1).toString('utf8') });
  });
  return new Promise((resolve) => {
    socket.on('close', (code) => {
      resolve({ frames: found, code });
    });
  });
}

function refusal(socket: WebSocket): Promise<{ status: number; body: string }> {
  return new Promise((resolve) => {
    socket.on('unexpected-response', (_request, response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString('utf8');
      });
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body });
      });
    });
  });
}

const everything = 'command=cat&stdin=true&stdout=true&tty=true';

describe('exec', () => {
  test('speaks v5: empty frame, output, status, close 1000', async () => {
    const socket = open(everything);
    const session = frames(socket);
    await opened(socket);
    expect(socket.protocol).toBe('v5.channel.k8s.io');
    socket.send(Buffer.from('\u0000hello'));
    socket.send(Buffer.from('\u0004{"Width":80,"Height":24}'));
    socket.send(Buffer.from('\u0004nonsense'));
    socket.send(Buffer.from('\u0000exit 7'));
    const { frames: got, code } = await session;
    expect(got).toEqual([
      { channel: 1, text: '' },
      { channel: 1, text: 'hello' },
      { channel: 1, text: 'exit 7' },
      {
        channel: 3,
        text: JSON.stringify({
          metadata: {},
          status: 'Failure',
          message: 'command terminated with non-zero exit code: command terminated with exit code 7',
          reason: 'NonZeroExitCode',
          details: { causes: [{ reason: 'ExitCode', message: '7' }] },
        }),
      },
    ]);
    expect(code).toBe(1000);
    expect(runtime.sizes).toEqual(['80x24']);
  });

  test('channel 255 closes stdin', async () => {
    const socket = open(everything);
    const session = frames(socket);
    await opened(socket);
    socket.send(Buffer.of(255, 0));
    expect((await session).frames.at(-1)).toEqual({ channel: 3, text: '{"metadata":{},"status":"Success"}' });
  });

  test('a command that cannot start is told in the status', async () => {
    const { frames: got } = await frames(open('command=missing&stdout=true'));
    expect(JSON.parse(got.at(-1)?.text ?? '')).toMatchObject({
      status: 'Failure',
      reason: 'InternalError',
      code: 500,
    });
  });

  test('a megabyte of input arrives whole at a slow process', async () => {
    const socket = open('command=cat&stdin=true');
    const session = frames(socket);
    await opened(socket);
    const piece = Buffer.concat([Buffer.of(0), Buffer.alloc(16_384, 0x78)]);
    for (let sent = 0; sent < 64; sent += 1) {
      socket.send(piece);
    }
    socket.send(Buffer.of(255, 0));
    await session;
    expect(runtime.received).toBe(64 * 16_384);
  });

  test('a client that does not read stops the process, not the memory', async () => {
    const socket = open('command=flood&stdout=true');
    await opened(socket);
    socket.pause();
    let before = -1;
    // The flood has stopped when nothing more is produced for a while.
    while (before !== counter.produced) {
      before = counter.produced;
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
    }
    expect(counter.produced).toBeLessThan(64 * 1024 * 1024);
    expect(counter.produced).toBeGreaterThan(0);
  });

  test('a client that goes away is told to the runtime', async () => {
    const socket = open(everything);
    await opened(socket);
    socket.terminate();
    await runtime.left;
    expect(runtime.detached).toBe(1);
  });

  test.each([
    ['unknown container', `${everything}&container=nope`, 'p', 400, 'container nope is not valid for pod p'],
    [
      'several containers',
      everything,
      'two',
      400,
      'a container name must be specified for pod two, choose one of: [a b]',
    ],
    ['unscheduled', `${everything}&container=a`, 'two', 400, 'pod two does not have a host assigned'],
    ['absent pod', everything, 'absent', 404, 'pods "absent" not found'],
    ['no stream', 'command=cat', 'p', 400, 'you must specify at least 1 of stdin, stdout, stderr'],
  ])('refused before the upgrade: %s', async (_what, query, pod, status, message) => {
    const answer = await refusal(open(query, undefined, pod));
    expect({ status: answer.status, message: asString(at(JSON.parse(answer.body), 'message')) }).toEqual({
      status,
      message,
    });
  });

  test('port-forward is refused with the addresses that make it needless', async () => {
    api.registry.create('services', {
      metadata: { name: 'web', namespace: 'default' },
      spec: { clusterIP: '10.96.0.7', selector: { app: 'web' }, ports: [{ port: 80 }] },
    });
    api.registry.create('pods', {
      metadata: { name: 'web-1', namespace: 'default', labels: { app: 'web' } },
      spec: { nodeName: 'n', containers: [{ name: 'main', image: 'busybox' }] },
      status: { podIP: '127.64.0.9' },
    });
    const url = `${api.url.replace('http', 'ws')}/api/v1/namespaces/default/pods/web-1/portforward`;
    const socket = new WebSocket(url, [], { headers: { authorization: `Bearer ${api.token}` } });
    socket.on('error', () => {});
    const { status, body } = await refusal(socket);
    expect(status).toBe(501);
    expect(body).toContain('connect to service web at 10.96.0.7:80, the pod at 127.64.0.9');
  });

  test('an unknown protocol is 403 without a body', async () => {
    expect(await refusal(open(everything, ['v9.channel.k8s.io']))).toEqual({ status: 403, body: '' });
  });

  test('without an upgrade it is 400', async () => {
    const answer = await api.json('GET', `/api/v1/namespaces/default/pods/p/exec?${everything}`);
    expect(answer).toMatchObject({ code: 400, message: 'Upgrade request required' });
  });
});

describe('log', () => {
  const path = '/api/v1/namespaces/default/pods/p/log';

  test('gives the text and passes the options on', async () => {
    const response = await api.fetch(`${path}?tailLines=2&timestamps=1&limitBytes=9`);
    expect(response.headers.get('content-type')).toBe('text/plain');
    expect(await response.text()).toBe('one\ntwo\n');
    expect(runtime.logs).toMatchObject([
      { follow: false, previous: false, tailLines: 2, timestamps: true, limitBytes: 9 },
    ]);
  });

  test('a follower that goes away ends the reading', async () => {
    const stop = new AbortController();
    const response = await api.fetch(`${path}?follow=true`, { signal: stop.signal });
    const { value } = (await response.body?.getReader().read()) ?? {};
    expect(Buffer.from(value ?? []).toString('utf8')).toBe('one\n');
    const signal = runtime.logs[0]?.signal;
    const aborted = new Promise((resolve) => {
      signal?.addEventListener('abort', resolve);
    });
    stop.abort();
    await aborted;
    expect(signal?.aborted).toBe(true);
  });

  test.each([
    ['?tailLines=-1', 422],
    ['?tailLines=x', 400],
    ['?limitBytes=0', 422],
    ['?sinceSeconds=5&sinceTime=2020-01-01T00:00:00Z', 422],
    ['?previous=true', 400],
    ['?container=nope', 400],
  ])('refuses %s', async (query, code) => {
    expect((await api.fetch(path + query)).status).toBe(code);
  });

  test.each([
    ['just bound', {}, 404, 'the server could not find the requested resource ( pods/log early)'],
    [
      'that the kubelet has just taken',
      { startTime: '2026-01-01T00:00:00Z' },
      400,
      'container "main" in pod "early" is not available',
    ],
  ])('of a pod %s there is none yet, in the words of a real server', async (_what, status, code, message) => {
    api.registry.create('pods', {
      metadata: { name: 'early', namespace: 'default' },
      spec: { nodeName: 'n', containers: [{ name: 'main', image: 'busybox' }] },
      status,
    });
    expect(await api.json('GET', '/api/v1/namespaces/default/pods/early/log')).toMatchObject({
      code,
      message,
    });
  });

  test('an unscheduled pod has an empty answer', async () => {
    const response = await api.fetch('/api/v1/namespaces/default/pods/two/log?container=a');
    expect([response.status, await response.text()]).toEqual([204, '']);
  });
});
