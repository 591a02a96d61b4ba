import { type DeadLetter, ProblemAnswer, createClient, internalApi } from '@cloudemy/contracts';
import { ConfigError, parseEnv } from '@cloudemy/service';
import { z } from 'zod';

const usage = `Usage: dead-letters list | replay ID

list        shows the messages that could not be worked on, newest first, one JSON object a line
replay ID   has the submission of one graded again

BACKEND_INTERNAL_URL is the backend's internal API (http://127.0.0.1:8000/internal when unset),
INTERNAL_SERVICE_TOKEN what it knows the services by.`;

const Env = z.object({
  BACKEND_INTERNAL_URL: z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:8000/internal'),
  INTERNAL_SERVICE_TOKEN: z.string().min(1).describe('the secret that the services of Cloudemy share'),
});

/** Exit codes after sysexits.h: a wrong call, a backend that is not there or refuses, a bad environment. */
const exit = { usage: 64, unavailable: 69, config: 78 } as const;

/**
 * Looks at dead letters from a shell.
 *
 * @param print gets each line for standard output
 * @throws ConfigError, ProblemAnswer, TypeError when the backend cannot be reached
 */
async function run(args: readonly string[], print: (line: string) => void): Promise<number> {
  const [command, id, ...rest] = args;
  const list = command === 'list' && id === undefined;
  const replay = command === 'replay' && id !== undefined && rest.length === 0;
  if (!list && !replay) {
    process.stderr.write(`${usage}\n`);
    return exit.usage;
  }
  const env = parseEnv(Env, process.env);
  const client = createClient(internalApi, {
    // The contract's paths begin with /internal themselves.
    baseUrl: env.BACKEND_INTERNAL_URL.replace(/\/internal\/?$/, ''),
    headers: { authorization: `Bearer ${env.INTERNAL_SERVICE_TOKEN}` },
  });
  const show = (letter: DeadLetter): void => {
    print(JSON.stringify(letter));
  };
  if (replay) {
    show(await client.replayDeadLetter({ params: { dead_letter_id: id } }));
    return 0;
  }
  let cursor: string | null = null;
  do {
    const query: { cursor?: string } = cursor === null ? {} : { cursor };
    const page: { items: DeadLetter[]; next_cursor: string | null } = await client.listDeadLetters({ query });
    for (const letter of page.items) show(letter);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return 0;
}

try {
  process.exitCode = await run(process.argv.slice(2), (line) => process.stdout.write(`${line}\n`));
} catch (error) {
  if (error instanceof ConfigError) process.exitCode = exit.config;
  else if (error instanceof ProblemAnswer || error instanceof TypeError) process.exitCode = exit.unavailable;
  else throw error;
  process.stderr.write(`${error.message}\n`);
}
