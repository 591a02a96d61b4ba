import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { defaultCacheFolder } from '../folders.js';
import { type Supervised, supervise } from './supervise.js';

export interface NodeProgramOptions {
  name: string;
  script: string;
  nodeFlags?: readonly string[];
  args?: readonly string[];
  env?: Record<string, string | undefined>;
  /** Gets all it writes. */
  logFile: string;
}

export interface NodeProgram extends Supervised {
  readonly name: string;
  /** The first line of stdout. */
  readonly firstLine: Promise<string>;
  /** Rejects with a `PartFailedError` when the program ends. */
  readonly broken: Promise<never>;
}

/** A program ended or fell silent before it was up; the message holds its last words. */
export class PartFailedError extends Error {
  override readonly name = 'PartFailedError';
}

const rememberedLines = 8;

/** Starts a Node program with the Node that runs us and writes its output to a file. */
export function startNodeProgram(options: NodeProgramOptions): NodeProgram {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = createWriteStream(options.logFile, { flags: 'a' });
  // A full disk ends the log, and nothing else.
  log.on('error', ({ message }) => {
    process.stderr.write(`The log ${options.logFile} ends here: it cannot be written (${message}).\n`);
  });
  const lastWords: string[] = [];
  const { promise: spoken, resolve } = Promise.withResolvers<string>();
  const note = (line: string): void => {
    if (log.writable) log.write(`${line}\n`);
    lastWords.push(line);
    if (lastWords.length > rememberedLines) lastWords.shift();
  };
  const { nodeFlags = [], script, args = [] } = options;
  const child = supervise([process.execPath, '--enable-source-maps', ...nodeFlags, script, ...args], {
    env: { ...inherited(), ...options.env },
    onLine: (line) => {
      note(line);
      resolve(line);
    },
    onErrorLine: note,
  });
  void child.exited.then(() => log.end());
  const broken = child.exited.then((code): never => {
    throw new PartFailedError(
      `${options.name} ended with code ${code}. Its last words:\n${lastWords.join('\n')}\nAll of them: ${options.logFile}`,
    );
  });
  const firstLine = Promise.race([spoken, broken]);
  // An end is a failure only to those who wait on one of these.
  broken.catch(() => {});
  firstLine.catch(() => {});
  return { ...child, name: options.name, firstLine, broken };
}

/** What a program gets of our own environment, and a cache that spares it from compiling its modules again. */
function inherited(): Record<string, string | undefined> {
  const { PATH, HOME, NODE_EXTRA_CA_CERTS } = process.env;
  return { PATH, HOME, NODE_EXTRA_CA_CERTS, NODE_COMPILE_CACHE: join(defaultCacheFolder(), 'compiled') };
}
