import { resultWithin } from '@cloudemy/async';
import { AuditTrail, auditEnv } from '@cloudemy/auth';
import { NewPassword } from '@cloudemy/contracts';
import { ConnectionString, Database } from '@cloudemy/mongo';
import { ConfigError, createLogger, mongoCredentials, mongoUriWith, parseEnv } from '@cloudemy/service';
import { z } from 'zod';
import { makeAdmin, refuseGuessableAdmin } from '../accounts/first-admin.js';
import { Credentials } from '../accounts/passwords/credentials.js';
import { createIndexes, openStores } from '../stores.js';
import { Users } from '../users/users.js';

const usage = `Usage: create-admin EMAIL

Makes an administrator with this address, or makes one of the user who has it, and sets the password; every session
of the user ends. The password is read from ADMIN_PASSWORD, from the file that ADMIN_PASSWORD_FILE names, or else
from the first line of standard input.

MONGO_URI and DB_NAME say where the accounts are (mongodb://127.0.0.1:27017 and cloudemy when unset), MONGO_USERNAME
and MONGO_PASSWORD (or MONGO_PASSWORD_FILE) who may look.`;

const Env = z.object({
  ...mongoCredentials,
  ...auditEnv,
  MONGO_URI: ConnectionString.default('mongodb://127.0.0.1:27017'),
  DB_NAME: z.string().min(1).default('cloudemy'),
  ADMIN_PASSWORD: z.string().optional(),
});

/** Exit codes after sysexits.h: a wrong call, a wrong input, a database that is not there, a bad environment. */
const exit = { usage: 64, data: 65, unavailable: 69, config: 78 } as const;

/** Milliseconds that the database gets to answer. */
const answerMs = 15_000;

/** @throws ConfigError, ZodError for an address or password that will not do */
async function run(args: readonly string[]): Promise<number> {
  const [address, ...rest] = args;
  if (address === undefined || rest.length > 0) {
    process.stderr.write(`${usage}\n`);
    return exit.usage;
  }
  const env = parseEnv(Env, process.env);
  const email = z.email('The address is not an e-mail address.').toLowerCase().parse(address);
  const password = NewPassword.parse(env.ADMIN_PASSWORD ?? (await firstLine(process.stdin)));
  await refuseGuessableAdmin({ email, password });
  const credentials = { username: env.MONGO_USERNAME, password: env.MONGO_PASSWORD };
  const uri = mongoUriWith(env.MONGO_URI, credentials);
  const log = createLogger('create-admin', 'silent');
  const database = new Database('cloudemy-create-admin', log);
  const stores = openStores(database.connection);
  const opened = new Promise<true>((resolve) => {
    database.open(uri, env.DB_NAME, async () => {
      await createIndexes(stores);
      resolve(true);
    });
  });
  try {
    if ((await resultWithin(answerMs, opened)) === undefined) {
      process.stderr.write('MongoDB does not answer. Set MONGO_URI to where it is.\n');
      return exit.unavailable;
    }
    const users = new Users(stores.users);
    const { AUDIT_RETENTION_DAYS: retentionDays } = env;
    const complete = await new AuditTrail(stores.audit, log, { retentionDays }).begin({
      event: 'create_admin',
    });
    const userId = await makeAdmin({ email, password }, users, new Credentials(stores.credentials));
    await stores.sessions.deleteMany({ user_id: userId });
    await complete({ outcome: 'succeeded', object_kind: 'user', object_id: String(userId) });
    process.stdout.write(`${email} is an administrator.\n`);
    return 0;
  } finally {
    await database.close();
  }
}

async function firstLine(input: NodeJS.ReadStream): Promise<string> {
  if (input.isTTY) process.stderr.write('Password: ');
  input.setEncoding('utf8');
  let text = '';
  for await (const chunk of input) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  return (text.split('\n', 1)[0] ?? '').replace(/\r$/, '');
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  if (error instanceof ConfigError) process.exitCode = exit.config;
  else if (error instanceof z.ZodError) process.exitCode = exit.data;
  else throw error;
  const said =
    error instanceof z.ZodError ? error.issues.map(({ message }) => message).join('\n') : error.message;
  process.stderr.write(`${said}\n`);
}
// Standard input of a terminal would keep the process waiting.
process.stdin.destroy();
