import { until } from '@cloudemy/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createControllers } from '../controllers/index.js';
import { scaledTiming } from '../controllers/timing.js';
import type { ExecOptions, LogOptions } from '../kubelet-contract.js';
import { Registry } from '../store/registry.js';
import type { Kubelet } from './index.js';
import { ImageTable, baseImages, createKubelet } from './index.js';
import type { Container, Pod, PodSpec } from './pod.js';
import { isPod } from './pod.js';

const timing = scaledTiming(0.02);
let registry: Registry;
let kubelet: Kubelet;
let controllers: ReturnType<typeof createControllers>;
let root: string;
let number = 0;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'kubelet-test-'));
  registry = new Registry();
  registry.create('namespaces', { metadata: { name: 'one' } });
  mkdirSync(join(root, 'image'));
  writeFileSync(join(root, 'image', 'program.js'), 'console.log(process.argv[2])');
  const own = { entrypoint: ['node', '/app/program.js'], files: { '/app': join(root, 'image') } };
  const images = new ImageTable([{ pattern: 'own', image: own }, ...baseImages]);
  kubelet = await createKubelet({ store: registry, timing, root: join(root, 'node'), images });
  controllers = createControllers({ store: registry, nodeName: kubelet.node.name, timing });
});

afterAll(async () => {
  controllers.close();
  await kubelet.close();
  rmSync(root, { recursive: true });
});

beforeEach(() => {
  number += 1;
});

function get(name = `pod-${number}`): Pod {
  const object = registry.get('pods', 'one', name);
  if (!isPod(object)) {
    throw new Error(`no pod ${name}`);
  }
  return object;
}

function phase(wanted: string): Promise<Pod> {
  return until(() => get().status?.phase === wanted && get());
}

function create(container: Partial<Container>, spec: Partial<PodSpec> = {}): void {
  registry.create('pods', {
    metadata: { name: `pod-${number}`, namespace: 'one', labels: { app: 'demo' } },
    spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox', ...container }], ...spec },
  });
}

function shell(script: string, spec: Partial<PodSpec> = {}, container: Partial<Container> = {}): void {
  create({ command: ['sh', '-c', script], ...container }, spec);
}

async function text(stream: AsyncIterable<Buffer> | undefined): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function log(options: Partial<LogOptions> = {}, container = 'main'): Promise<string> {
  const { signal } = new AbortController();
  return text(
    kubelet.openLog(get(), container, {
      follow: false,
      previous: false,
      timestamps: false,
      signal,
      ...options,
    }),
  );
}

function exec(command: string[], options: Partial<ExecOptions> = {}) {
  return kubelet.exec(get(), 'main', {
    command,
    stdin: false,
    stdout: true,
    stderr: true,
    tty: false,
    ...options,
  });
}

describe('volumes', () => {
  const work = { name: 'work', emptyDir: {} };
  const conf = { name: 'conf', configMap: { name: 'conf' } };

  beforeAll(() => {
    registry.create('configmaps', {
      metadata: { name: 'conf', namespace: 'one' },
      data: { 'run.conf': 'rounds=3' },
    });
  });

  test.each(['/opt', '/run', '/srv/deep/down', '/etc', '/.cloudemy'])(
    'one at %s is writable',
    async (mountPath) => {
      shell(
        `echo kept > ${mountPath}/out && cat ${mountPath}/out`,
        { volumes: [work] },
        { volumeMounts: [{ name: 'work', mountPath }] },
      );
      await phase('Succeeded');
      expect(await log()).toBe('kept\n');
    },
  );

  test('one inside another is mounted, whatever their order, and the outer one still holds what is beside it', async () => {
    shell(
      'cat /work/conf/run.conf && echo kept > /work/out && ls /work',
      { volumes: [work, conf] },
      {
        volumeMounts: [
          { name: 'conf', mountPath: '/work/conf' },
          { name: 'work', mountPath: '/work' },
        ],
      },
    );
    await phase('Succeeded');
    expect(await log()).toBe('rounds=3conf\nout\n');
  });

  test('one inside a ConfigMap cannot be mounted, and the status says what mount said', async () => {
    shell(
      'true',
      { volumes: [work, conf] },
      {
        volumeMounts: [
          { name: 'conf', mountPath: '/conf' },
          { name: 'work', mountPath: '/conf/work' },
        ],
      },
    );
    const { status } = await phase('Failed');
    expect(status?.containerStatuses?.[0]?.state.terminated).toMatchObject({
      reason: 'StartError',
      exitCode: 128,
      message: expect.stringMatching(/mount: .*\/conf\/work: /),
    });
  });

  test('the termination message and the working directory may lie in one', async () => {
    shell(
      'pwd > message',
      { volumes: [work] },
      {
        workingDir: '/work/here',
        terminationMessagePath: '/work/here/message',
        volumeMounts: [{ name: 'work', mountPath: '/work' }],
      },
    );
    const { status } = await phase('Succeeded');
    expect(status?.containerStatuses?.[0]?.state.terminated?.message).toBe('/work/here\n');
  });
});

describe('what a container is given', () => {
  test('a home in which nothing of the machine runs when a shell starts', async () => {
    create({ command: ['sh', '-c', 'cd && cat .bashrc .bash_profile .profile 2>/dev/null; echo end'] });
    await phase('Succeeded');
    expect(await log()).toBe('end\n');
  });

  test('variables of its own, of its pod and of ConfigMaps and Secrets, and none of the machine', async () => {
    registry.create('configmaps', { metadata: { name: 'cm', namespace: 'one' }, data: { LEVEL: 'low' } });
    registry.create('secrets', {
      metadata: { name: 'sec', namespace: 'one' },
      data: { WORD: Buffer.from('open sesame').toString('base64') },
    });
    create({
      command: ['sh', '-c', 'env | sort | grep -v -E "^(PATH|PWD|OLDPWD|SHLVL|_)="; echo $0 $1', '$(APP)'],
      args: ['$(NOPE) $$(APP)'],
      env: [
        { name: 'APP', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
        { name: 'BOTH', value: '$(APP)-$(LEVEL)' },
      ],
      envFrom: [{ configMapRef: { name: 'cm' } }, { prefix: 'S_', secretRef: { name: 'sec' } }],
      resources: { limits: { cpu: '1500m' } },
    });
    await phase('Succeeded');
    expect((await log()).trimEnd().split('\n')).toEqual([
      'APP=demo',
      'BOTH=demo-low',
      kubelet.isolation === 'plain' ? expect.stringMatching(/^HOME=.+home$/) : 'HOME=/root',
      `HOSTNAME=pod-${number}`,
      'LEVEL=low',
      'S_WORD=open sesame',
      ...(kubelet.isolation === 'plain' ? [expect.stringContaining('TERMINATION_MESSAGE_PATH=')] : []),
      'demo $(NOPE) $(APP)',
    ]);
  });

  test('its volumes, where it asked for them, shared with the other containers of its pod', async () => {
    registry.create('configmaps', {
      metadata: { name: 'files', namespace: 'one' },
      data: { a: 'A', b: 'B' },
    });
    const mounts = [
      { name: 'cfg', mountPath: '/cfg' },
      { name: 'shared', mountPath: '/shared' },
    ];
    shell(
      'cat ${MOUNT_CFG:-/cfg}/one; cat ${MOUNT_SHARED:-/shared}/note',
      {
        volumes: [
          { name: 'cfg', configMap: { name: 'files', items: [{ key: 'a', path: 'one' }] } },
          { name: 'shared', emptyDir: {} },
        ],
        initContainers: [
          {
            name: 'first',
            image: 'busybox',
            command: ['sh', '-c', 'echo from init > ${MOUNT_SHARED:-/shared}/note'],
            volumeMounts: mounts,
          },
        ],
      },
      { volumeMounts: mounts },
    );
    await phase('Succeeded');
    expect(await log()).toBe('Afrom init\n');
  });

  test('Node.js of the version that runs the cluster', async () => {
    create({ image: 'node:24', command: ['node', '--version'] });
    await phase('Succeeded');
    expect(await log()).toBe(`${process.version}\n`);
  });

  test('what its image holds, even where a volume hides the place it came from', async () => {
    const volumes = [{ name: 'scratch', emptyDir: {} }];
    const volumeMounts = [{ name: 'scratch', mountPath: tmpdir() }];
    create({ image: 'own', args: ['found'], volumeMounts }, { volumes });
    await phase('Succeeded');
    expect(await log()).toBe('found\n');
  });
});

describe('the end of a pod', () => {
  test('SIGKILL follows when SIGTERM changes nothing within the grace', async () => {
    create({ command: ['sleep', '100'] });
    await phase('Running');
    const states: (number | undefined)[] = [];
    const unsubscribe = registry.subscribe(({ object }) => {
      if (isPod(object)) {
        states.push(object.status?.containerStatuses?.[0]?.state.terminated?.exitCode);
      }
    });
    registry.delete('pods', 'one', `pod-${number}`, { gracePeriodSeconds: 1 });
    await until(() => registry.get('pods', 'one', `pod-${number}`) === undefined);
    unsubscribe();
    expect(states).toContain(137);
  });

  test('SIGKILL from outside ends it with 137', async () => {
    const seconds = `1000.${process.pid}${number}`;
    create({ command: ['sleep', seconds] });
    await phase('Running');
    const pid = await until(() => pidOf(`sleep ${seconds}`));
    process.kill(pid, 'SIGKILL');
    const { status } = await phase('Failed');
    expect(status?.containerStatuses?.[0]?.state.terminated).toMatchObject({
      reason: 'Error',
      exitCode: 137,
    });
  });

  test('a grace of ten years is one: the container is not killed at once', async () => {
    shell('trap "echo asked" TERM; sleep 0.3 & wait; wait; echo done', {
      terminationGracePeriodSeconds: 315_360_000,
      activeDeadlineSeconds: 315_360_000,
    });
    await phase('Running');
    const { uid } = get().metadata;
    const ends: (string | undefined)[] = [];
    registry.subscribe(({ object }) => {
      if (object.metadata.uid === uid && isPod(object)) {
        ends.push(object.status?.containerStatuses?.[0]?.state.terminated?.reason);
      }
    });
    registry.delete('pods', 'one', `pod-${number}`);
    await until(() => registry.get('pods', 'one', `pod-${number}`) === undefined);
    expect(ends).toContain('Completed');
    expect(ends).not.toContain('Error');
  });

  test('a deleted pod leaves neither log nor folder', async () => {
    shell('echo hello');
    const { metadata } = await phase('Succeeded');
    const folder = join(root, 'node', 'pods', metadata.uid);
    expect(existsSync(folder)).toBe(true);
    registry.delete('pods', 'one', metadata.name);
    await until(() => !existsSync(folder));
    expect(existsSync(folder)).toBe(false);
  });

  test('activeDeadlineSeconds ends it', async () => {
    shell('trap "exit 0" TERM; while :; do sleep 0.01; done', { activeDeadlineSeconds: 1 });
    const { status } = await phase('Failed');
    expect(status).toMatchObject({
      reason: 'DeadlineExceeded',
      message: 'Pod was active on the node longer than the specified deadline',
    });
  });
});

describe('containers beside each other', () => {
  test('a sidecar starts before and ends after the others', async () => {
    shell('echo main', {
      initContainers: [
        {
          name: 'side',
          image: 'busybox',
          command: [
            'sh',
            '-c',
            'trap "echo side ends; exit 0" TERM; echo side; while :; do sleep 0.01; done',
          ],
          restartPolicy: 'Always',
        },
      ],
    });
    const { status } = await phase('Succeeded');
    expect(status?.initContainerStatuses?.[0]?.state.terminated?.exitCode).toBe(0);
    expect(await log({}, 'side')).toBe('side\nside ends\n');
  });

  test('a sidecar that waits for its next start when the others end is told as lost, without times', async () => {
    shell('until [ -e /tmp/go ]; do sleep 0.01; done', {
      initContainers: [
        { name: 'side', image: 'busybox', command: ['sh', '-c', 'exit 9'], restartPolicy: 'Always' },
      ],
    });
    // By now the pauses between two starts are much longer than it takes to end the others.
    await until(() => {
      const [side] = get().status?.initContainerStatuses ?? [];
      return side !== undefined && side.restartCount >= 4 && side.state.terminated !== undefined;
    });
    await exec(['touch', '/tmp/go']).exited;
    const { status } = await phase('Succeeded');
    expect(status?.initContainerStatuses?.[0]?.state.terminated).toEqual({
      exitCode: 137,
      reason: 'ContainerStatusUnknown',
      message: 'The container could not be located when the pod was terminated',
      startedAt: null,
      finishedAt: null,
    });
  });

  test('a readiness probe decides whether the pod is ready', async () => {
    let healthy = false;
    const server = createServer((_request, response) => {
      response.statusCode = healthy ? 200 : 503;
      response.end();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    create({ command: ['sleep', '100'], readinessProbe: { httpGet: { port }, periodSeconds: 0.02 } });
    await phase('Running');
    const ready = (): string | undefined =>
      get().status?.conditions?.find(({ type }) => type === 'Ready')?.status;
    expect(ready()).toBe('False');
    healthy = true;
    await until(() => ready() === 'True');
    healthy = false;
    await until(() => ready() === 'False');
    const events = registry.list('events').map((event) => event['message']);
    expect(events).toContain('Readiness probe failed: HTTP probe failed with statuscode: 503');
    server.close();
    server.closeAllConnections();
    const refused = `Readiness probe failed: Get "http://127.0.0.1:${port}/": dial tcp 127.0.0.1:${port}: connect: connection refused`;
    await until(() => registry.list('events').some((event) => event['message'] === refused));
    registry.delete('pods', 'one', `pod-${number}`, { gracePeriodSeconds: 0 });
  });

  test('a failing liveness probe restarts the container', async () => {
    create(
      {
        command: ['sh', '-c', 'trap "exit 3" TERM; while :; do sleep 0.01; done'],
        livenessProbe: { exec: { command: ['false'] }, periodSeconds: 0.02, failureThreshold: 2 },
      },
      { restartPolicy: 'Always' },
    );
    const status = await until(() => {
      const [main] = get().status?.containerStatuses ?? [];
      return main !== undefined && main.restartCount > 0 && main;
    });
    expect(status.lastState.terminated?.exitCode).toBe(3);
    registry.delete('pods', 'one', `pod-${number}`, { gracePeriodSeconds: 0 });
  });
});

describe('logs', () => {
  test('previous is the run before', async () => {
    shell('echo run $(date +%N); exit 1', { restartPolicy: 'OnFailure' });
    await until(() => (get().status?.containerStatuses?.[0]?.restartCount ?? 0) > 0);
    await until(() => get().status?.containerStatuses?.[0]?.state.terminated !== undefined);
    const [current, previous] = [await log(), await log({ previous: true })];
    expect(previous).toMatch(/^run \d+\n$/);
    expect(current).toMatch(/^run \d+\n$/);
    registry.delete('pods', 'one', `pod-${number}`, { gracePeriodSeconds: 0 });
  });

  test('following a flood loses no line', async () => {
    const lines = 200_000;
    shell(`while [ ! -e /tmp/go-${number} ]; do sleep 0.01; done; seq 1 ${lines}`);
    await phase('Running');
    const following = log({ follow: true });
    await exec(['touch', `/tmp/go-${number}`]).exited;
    const received = (await following).trimEnd().split('\n');
    expect(received.length).toBe(lines);
    expect(received.findIndex((line, index) => line !== String(index + 1))).toBe(-1);
    rmSync(`/tmp/go-${number}`, { force: true });
  });
});

describe('exec', () => {
  beforeEach(async () => {
    create({ command: ['sleep', '100'], env: [{ name: 'WHO', value: 'me' }], workingDir: '/tmp' });
    await phase('Running');
  });

  test('streams apart, variables and folder of the container, exit code', async () => {
    const session = exec(['sh', '-c', 'echo $WHO $(pwd); echo err >&2; exit 7']);
    const [out, err, ended] = await Promise.all([text(session.stdout), text(session.stderr), session.exited]);
    expect([out, err, ended]).toEqual(['me /tmp\n', 'err\n', { kind: 'exited', exitCode: 7 }]);
  });

  test.each([
    [['/no/such/binary'], 'exec: "/no/such/binary": stat /no/such/binary: no such file or directory'],
    [['nothing'], 'exec: "nothing": executable file not found in $PATH'],
    [['/etc/passwd'], 'exec: "/etc/passwd": permission denied'],
  ])('%j cannot be started', async (command, why) => {
    const message = expect.stringMatching(
      /^error executing command in container: failed to exec in container: failed to start exec "[0-9a-f]{64}": OCI runtime exec failed: exec failed: unable to start container process: /,
    );
    const ended = await exec(command).exited;
    expect(ended).toEqual({ kind: 'failed', message });
    expect(ended).toMatchObject({ message: expect.stringContaining(why) });
  });

  test('a megabyte of input arrives whole, in a terminal, too', async () => {
    const megabyte = Buffer.alloc(1_000_000, 'x');
    const piped = exec(['wc', '-c'], { stdin: true });
    piped.stdin?.end(megabyte);
    expect((await text(piped.stdout)).trim()).toBe('1000000');
    const terminal = exec(['sh', '-c', 'stty raw -echo; echo ready; head -c 1000000 | wc -c'], {
      stdin: true,
      tty: true,
    });
    terminal.stdout?.once('data', () => terminal.stdin?.write(megabyte));
    expect((await text(terminal.stdout)).trim()).toMatch(/1000000$/);
  });

  test('a terminal is one: bytes as bytes, size, signals by key', async () => {
    const session = exec(['sh'], { stdin: true, tty: true });
    let seen = '';
    session.stdout?.on('data', (chunk: Buffer) => {
      seen += chunk.toString('latin1');
    });
    session.resize(100, 30);
    session.stdin?.write('stty size; printf "\\303\\251\\377|\\n"; sleep 50\n');
    await until(() => seen.includes('\u00c3\u00a9\u00ff|'));
    expect(seen).toContain('30 100');
    await sleep(100);
    // The key also throws away what was typed before it is seen.
    session.stdin?.write('\u0003');
    await until(() => seen.includes('^C'));
    await sleep(50);
    session.stdin?.write('exit 5\n');
    expect(await session.exited).toEqual({ kind: 'exited', exitCode: 5 });
  });

  test('ends with 137 when its container ends', async () => {
    const session = exec(['sh'], { stdin: true, tty: true });
    session.stdout?.resume();
    registry.delete('pods', 'one', `pod-${number}`, { gracePeriodSeconds: 0 });
    expect(await session.exited).toEqual({ kind: 'exited', exitCode: 137 });
  });

  test('what nobody reads slows the process, and nothing of it is lost', async () => {
    const session = exec(['sh', '-c', 'seq 1 100000'], { tty: true, stdin: true });
    await sleep(200);
    const received = (await text(session.stdout)).trimEnd().split('\r\n');
    expect(received.length).toBe(100_000);
    expect(received.at(-1)).toBe('100000');
  });
});

test('pods end with the cluster, even when it is killed', async () => {
  const folder = join(root, 'killed');
  const mark = `1000.${process.pid}`;
  const dist = (file: string): string => JSON.stringify(new URL(`../../dist/${file}`, import.meta.url).href);
  const script = `
    const { Registry } = await import(${dist('store/registry.js')});
    const { createKubelet } = await import(${dist('kubelet/index.js')});
    const store = new Registry();
    store.create('namespaces', { metadata: { name: 'one' } });
    await createKubelet({ store, root: ${JSON.stringify(folder)} });
    store.subscribe(({ object }) => { if (object.status?.phase === 'Running') console.log('running'); });
    store.create('pods', { metadata: { name: 'p', namespace: 'one' }, spec: { nodeName: 'local', containers: [
      { name: 'main', image: 'busybox', command: ['sh', '-c', 'sleep ${mark} & wait'] } ] } });
    setInterval(() => {}, 1000);
  `;
  const args = ['--input-type=module', '-e', script];
  const cluster = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve) => {
    cluster.stdout.once('data', () => resolve());
  });
  await until(() => isRunning(`sleep ${mark}`));
  cluster.kill('SIGKILL');
  await until(() => !isRunning(`sleep ${mark}`));
  await until(() => !existsSync(folder));
  expect(existsSync(folder)).toBe(false);
});

function pidOf(command: string): number | undefined {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' });
  const line = stdout.split('\n').find((shown) => shown.trim().replace(/^\d+ /, '') === command);
  return line === undefined ? undefined : Number.parseInt(line, 10);
}

function isRunning(command: string): boolean {
  return pidOf(command) !== undefined;
}
