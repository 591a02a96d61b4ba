#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { startLocalMongo } from './server.js';

const USAGE =
  'usage: emulator-mongo [--port N] [--folder DIR] [--durability sync|write] [--host ADDRESS | --everywhere] [--user NAME --password-file FILE]... [--exit-with-parent]';

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      folder: { type: 'string' },
      durability: { type: 'string', default: 'sync' },
      host: { type: 'string' },
      user: { type: 'string', multiple: true, default: [] },
      'password-file': { type: 'string', multiple: true, default: [] },
      everywhere: { type: 'boolean', default: false },
      'exit-with-parent': { type: 'boolean', default: false },
    },
  });
  const { folder, durability } = values;
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port must be 0..65535\n${USAGE}`);
  if (durability !== 'sync' && durability !== 'write')
    throw new Error(`--durability must be sync or write\n${USAGE}`);
  const server = await startLocalMongo({
    port,
    durability,
    users: await readUsers(values.user, values['password-file']),
    ...(folder === undefined ? {} : { folder }),
    host: values.host ?? (values.everywhere ? '0.0.0.0' : '127.0.0.1'),
    log: (line) => process.stderr.write(`${line}\n`),
  });
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (values['exit-with-parent']) process.stdin.on('end', stop).on('error', stop).resume();
  process.stdout.write(`${JSON.stringify({ uri: server.uri, cloudemyEmulator: true })}\n`);
}

/** The first `--user` goes with the first `--password-file`, and so on. */
async function readUsers(names: string[], files: string[]): Promise<{ user: string; password: string }[]> {
  if (names.length !== files.length) throw new Error(`each --user needs its --password-file\n${USAGE}`);
  return Promise.all(
    names.map(async (user, i) => {
      const path = files[i] ?? '';
      const password = (await readFile(path, 'utf8')).trim();
      if (user === '' || password === '') throw new Error(`--user and the file ${path} must not be empty`);
      return { user, password };
    }),
  );
}
