import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EventEmitter } from 'node:events';
import { seconds } from '../../controllers/clock.js';
import type { KubeletContext } from '../context.js';
import { containerEnvironment, expand } from '../environment.js';
import { LogFile } from '../logs/log-file.js';
import type { Container, Pod, Terminated } from '../pod.js';
import { startContainerProcess, StartError } from '../process/container-process.js';
import type { ContainerProcess } from '../process/container-process.js';
import type { Mount, View } from '../process/view.js';
import type { MountedVolume } from '../volumes.js';
import { accountFolder } from '../in-cluster.js';
import type { FoundImage } from './image-pull.js';
import { terminationMessage } from './termination-message.js';
import { Waiting } from './waiting.js';

/** What a failed start looks like in a real cluster. */
const START_FAILURE =
  'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ';
const NEVER = '1970-01-01T00:00:00Z';

/** One run of a container, from its creation to its end. */
export class ContainerRun {
  readonly id = `local://${randomBytes(32).toString('hex')}`;
  readonly log: LogFile;
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDir: string;
  /** Event `end`: what runs beside it is to end. */
  readonly output = new EventEmitter();
  /** How it ended. */
  readonly ended: Promise<Terminated>;
  startedAt = NEVER;
  readonly #process: ContainerProcess;
  #running = false;
  #pid = 0;

  private constructor(
    log: LogFile,
    environment: Record<string, string>,
    workingDir: string,
    process: (onOutput: (chunk: Buffer) => void) => ContainerProcess,
    finish: (run: ContainerRun, exitCode: number) => Promise<Terminated>,
  ) {
    this.log = log;
    this.environment = environment;
    this.workingDir = workingDir;
    this.output.setMaxListeners(0);
    this.#process = process((chunk) => log.write(chunk));
    this.ended = this.#process.exited.then(async (exitCode) => {
      this.#running = false;
      log.close();
      const state = await finish(this, exitCode);
      this.output.emit('end');
      return state;
    });
    // Whoever asks later still gets it; nobody asking is no fault.
    this.ended.catch(() => {});
  }

  /** Makes and starts a container. @throws Waiting when it cannot be started as configured. */
  static async start(
    context: KubeletContext,
    pod: Pod,
    container: Container,
    found: FoundImage,
    volumes: ReadonlyMap<string, MountedVolume>,
    folder: string,
  ): Promise<ContainerRun> {
    await mkdir(join(folder, 'log'), { recursive: true });
    const plan = await planRun(context, pod, container, found, volumes, folder);
    const log = new LogFile(join(folder, 'log'), context.containerLogMaxBytes);
    let group = 0;
    return new ContainerRun(
      log,
      plan.environment,
      plan.workingDir,
      (onOutput) => {
        const process = startContainerProcess(
          context.isolation,
          {
            hostname: plan.environment['HOSTNAME'] ?? pod.metadata.name,
            workingDir: plan.workingDir,
            argv: plan.argv,
            view: plan.view,
            env: plan.environment,
            stdin: container.stdin === true,
          },
          onOutput,
        );
        group = process.group;
        context.groups.add(group);
        return process;
      },
      async (run, exitCode) => {
        context.groups.delete(group);
        const state = await run.#terminated(container, plan.messageFile, exitCode);
        await rm(join(folder, 'layer'), { recursive: true, force: true });
        return state;
      },
    );
  }

  /** Resolves when the program runs. @throws StartError when it cannot. */
  async begun(): Promise<void> {
    this.#pid = await this.#process.started;
    this.startedAt = seconds();
    this.#running = true;
  }

  get running(): boolean {
    return this.#running;
  }

  /** The pid of its program, once it runs. */
  get programPid(): number {
    return this.#pid;
  }

  get process(): ContainerProcess {
    return this.#process;
  }

  async #terminated(container: Container, messageFile: string, exitCode: number): Promise<Terminated> {
    const finishedAt = seconds();
    const failure = await this.#process.started.then(
      () => undefined,
      (error: unknown) => (error instanceof StartError ? error : new StartError(String(error))),
    );
    if (failure !== undefined) {
      return {
        exitCode: 128,
        reason: 'StartError',
        message: START_FAILURE + failure.message,
        startedAt: NEVER,
        finishedAt,
        containerID: this.id,
      };
    }
    const message = await terminationMessage(container, messageFile, this.log, exitCode);
    return {
      exitCode,
      reason: exitCode === 0 ? 'Completed' : 'Error',
      ...(message === '' ? {} : { message }),
      startedAt: this.startedAt,
      finishedAt,
      containerID: this.id,
    };
  }
}

/** Everything a start needs to know. */
interface RunPlan {
  environment: Record<string, string>;
  argv: string[];
  workingDir: string;
  view: View | undefined;
  messageFile: string;
}

async function planRun(
  context: KubeletContext,
  pod: Pod,
  container: Container,
  { image }: FoundImage,
  volumes: ReadonlyMap<string, MountedVolume>,
  folder: string,
): Promise<RunPlan> {
  const { store, node, network } = context;
  const address = network.addressOf(pod);
  const own = containerEnvironment({ store, pod, container, node, address });
  const mounts = mountsOf(container, volumes);
  const hasAccount = mounts.some(({ target }) => target === accountFolder);
  const environment: Record<string, string> = {
    ...context.baseEnvironment,
    ...image.env,
    HOSTNAME: pod.spec.hostname ?? pod.metadata.name,
    ...(hasAccount ? context.account.environment : {}),
    ...own,
  };
  const entrypoint = container.command ?? image.entrypoint ?? [];
  const rest = container.args ?? (container.command === undefined ? (image.command ?? []) : []);
  const argv = [...entrypoint, ...rest].map((part) => expand(part, own));
  if (argv.length === 0) {
    throw new Waiting('CreateContainerError', 'no command specified');
  }
  const workingDir = container.workingDir ?? image.workingDir ?? '/';
  const messagePath = container.terminationMessagePath ?? '/dev/termination-log';
  const layer = join(folder, 'layer');
  const files = Object.entries({
    ...context.files,
    ...(hasAccount ? context.account.files : {}),
    ...image.files,
  });
  for (const { source } of mounts) {
    if (!existsSync(source)) {
      await mkdir(source, { recursive: true });
    }
  }
  const { views } = context.isolation;
  const hosts = views && (await network.hostsFile(pod, join(context.root, pod.metadata.uid)));
  const view = await views?.build({
    folder: layer,
    mounts: [
      ...(hosts === undefined ? [] : [{ source: hosts, target: '/etc/hosts', readOnly: false }]),
      ...files.map(([target, source]) => ({ source, target, readOnly: true })),
      ...mounts,
    ],
    workingDir,
    terminationMessagePath: messagePath,
    readOnlyRoot: container.securityContext?.readOnlyRootFilesystem === true,
  });
  if (view !== undefined) {
    return { environment, argv, workingDir, view, messageFile: view.terminationMessage };
  }
  await mkdir(layer, { recursive: true });
  const messageFile = join(layer, 'termination-log');
  // Without a view of its own a container cannot see its volumes at their paths: it is told where they are.
  environment['TERMINATION_MESSAGE_PATH'] = messageFile;
  for (const { source, target } of mounts) {
    environment[`MOUNT${target.replaceAll(/[^A-Za-z0-9]/g, '_').toUpperCase()}`] = source;
  }
  return { environment, argv: argv.map(outside(files)), workingDir, view: undefined, messageFile };
}

/** Where, without a view, something is that an image holds at a path of its own. */
function outside(files: readonly [target: string, source: string][]): (path: string) => string {
  return (path) => {
    const found = files.find(([target]) => path === target || path.startsWith(`${target}/`));
    return found === undefined ? path : join(found[1], path.slice(found[0].length));
  };
}

function mountsOf(container: Container, volumes: ReadonlyMap<string, MountedVolume>): Mount[] {
  return (container.volumeMounts ?? []).flatMap(({ name, mountPath, subPath, readOnly }) => {
    const volume = volumes.get(name);
    return volume === undefined
      ? []
      : [
          {
            source: subPath === undefined ? volume.path : join(volume.path, subPath),
            target: mountPath,
            readOnly: volume.readOnly || readOnly === true,
          },
        ];
  });
}
