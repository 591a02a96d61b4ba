import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startNodeProgram } from '../processes/node-program.js';
import type { Part, StackFolders } from './part.js';

const mainOf = (emulator: 'emulator-mongo' | 'emulator-cluster' | 'emulator-llm'): string =>
  fileURLToPath(new URL('main.js', import.meta.resolve(`@cloudemy/${emulator}`)));

/** The embedded MongoDB: in memory, or durable below the data folder. */
export async function startMongoEmulator(folders: StackFolders, durable: boolean): Promise<Part> {
  const args = durable ? ['--folder', join(folders.data, 'mongo')] : [];
  const { line, ...started } = await startEmulator('emulator-mongo', folders, args);
  return {
    name: 'MongoDB',
    origin: 'embedded emulator, as MONGO_URI is not set',
    url: field(line, 'uri'),
    ...started,
  };
}

export interface ClusterPart extends Part {
  kubeconfig: string;
}

/** The embedded cluster; its pods are processes of this machine. */
export async function startClusterEmulator(folders: StackFolders, imagesFile: string): Promise<ClusterPart> {
  const args = ['--folder', join(folders.data, 'cluster'), '--images', imagesFile];
  const { line, ...started } = await startEmulator('emulator-cluster', folders, args);
  return {
    name: 'Kubernetes',
    origin: 'embedded emulator, as no --kubeconfig was given',
    url: field(line, 'url'),
    kubeconfig: field(line, 'kubeconfig'),
    ...started,
  };
}

/** The emulated model: deterministic, and says in all it writes that it is none. */
export async function startLlmEmulator(
  folders: StackFolders,
  options: { delayMs: number; everywhere: boolean },
): Promise<Part> {
  const args = ['--delay-ms', String(options.delayMs), ...(options.everywhere ? ['--everywhere'] : [])];
  const { line, ...started } = await startEmulator('emulator-llm', folders, args);
  return {
    name: 'LLM',
    origin: 'emulator, as neither LLM_API_KEY nor LLM_BASE_URL is set',
    url: field(line, 'url'),
    ...started,
  };
}

async function startEmulator(
  name: 'emulator-mongo' | 'emulator-cluster' | 'emulator-llm',
  folders: StackFolders,
  args: readonly string[],
): Promise<{ line: string } & Pick<Part, 'process' | 'close' | 'broken'>> {
  const logFile = join(folders.logs, `${name}.log`);
  const program = startNodeProgram({ name, script: mainOf(name), args, logFile });
  return {
    line: await program.firstLine,
    process: program,
    close: () => program.stop(),
    broken: program.broken,
  };
}

function field(line: string, name: string): string {
  const parsed: unknown = JSON.parse(line);
  const value: unknown =
    typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, name) : undefined;
  if (typeof value !== 'string') throw new Error(`an emulator said ${line}, without ${name}`);
  return value;
}
