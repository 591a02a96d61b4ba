import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writeEnvFile } from './env-file.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'env-file-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What programs get that a shell starts after it has read the file. */
const readByShell = (file: string): Record<string, string> => {
  const script = '. "$1"; exec "$2" -e "process.stdout.write(JSON.stringify(process.env))"';
  return JSON.parse(execFileSync('sh', ['-c', script, 'sh', file, process.execPath], { encoding: 'utf8' }));
};

test('a shell that reads the file hands every address to the programs it starts, to the letter', async () => {
  const file = join(folder, 'env');
  const values = {
    BACKEND: 'http://127.0.0.1:8123',
    KUBECONFIG: "/home/it's me/a folder/kubeconfig",
    MONGO_URI: 'mongodb://user:$(exit 1)`exit 1`"\\@127.0.0.1/?a=1&b=2;exit',
    INTERNAL_SERVICE_TOKEN: "''\n한글 *",
  };
  await writeEnvFile(file, values);
  expect(readByShell(file)).toMatchObject(values);
});

test('nobody else reads the file: it holds the token of the services', async () => {
  const file = join(folder, 'private');
  await writeEnvFile(file, { INTERNAL_SERVICE_TOKEN: 'secret' });
  expect((await stat(file)).mode & 0o077).toBe(0);
});
