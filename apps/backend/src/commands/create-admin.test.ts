import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Env, type Replica, type TestStores, startStores } from '../testing/harness.js';
import { adminEmail, bearer, join, jwtEnv, password, signIn } from '../testing/people.js';

const command = fileURLToPath(new URL('../../dist/commands/create-admin.js', import.meta.url));

let stores: TestStores;
let backend: Replica;
beforeAll(async () => {
  stores = await startStores();
  backend = await stores.start(jwtEnv);
});
afterAll(() => stores.close());

interface Ended {
  code: number;
  output: string;
}

const run = (args: string[], input: string, env: Env = {}): Promise<Ended> =>
  new Promise((resolve) => {
    const all = { PATH: process.env['PATH'], MONGO_URI: stores.mongoUri, ...env };
    const child = execFile(process.execPath, [command, ...args], { env: all }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), output: `${stdout}${stderr}` });
    });
    child.stdin?.end(input);
  });

test('makes an administrator where there is nobody yet', async () => {
  expect(await run(['Root@example.com'], `${password}\n`)).toEqual({
    code: 0,
    output: 'root@example.com is an administrator.\n',
  });
  const root = await signIn(backend, 'root@example.com');
  await expect(backend.api.listUsers({}, { headers: bearer(root) })).resolves.toBeDefined();
});

test('makes an administrator of a user, with a new password and no old sessions', async () => {
  const admin = await signIn(backend, adminEmail);
  const student = await join(backend, admin, ['student'], 'student');
  const { refresh_token } = await backend.api.login({ body: { email: student.email, password } });
  const env = { ADMIN_PASSWORD: 'another password of theirs' };
  expect(await run([student.email], '', env)).toMatchObject({ code: 0 });
  await expect(backend.api.refresh({ body: { refresh_token } })).rejects.toMatchObject({ status: 401 });
  const { user } = await backend.api.login({
    body: { email: student.email, password: 'another password of theirs' },
  });
  expect(user).toMatchObject({ user_id: student.userId, roles: ['student', 'admin'] });
});

test.each([
  ['no address', [], password, 64, /Usage/],
  ['an address that is none', ['root'], password, 65, /not an e-mail address/],
  ['a short password', ['root@example.com'], 'short\n', 65, /at least 12 characters/],
])('says what is wrong with %s', async (_, args, input, code, said) => {
  const ended = await run(args, input);
  expect(ended.code).toBe(code);
  expect(ended.output).toMatch(said);
});
