import { parseArgs } from 'node:util';

export type AuthMode = 'off' | 'jwt';

export interface Options {
  /** Each a run of its own. */
  modes: readonly AuthMode[];
  /** To both services together, in each mode. */
  requests: number;
  seed: number;
}

/** The command line makes no sense; the message is for the user. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const usage =
  'usage: npm run fuzz -- [--requests N] [--seed S] [--auth off|jwt]   (10000 requests in each mode; another seed each time)';
const mostSeed = 2 ** 31;

/**
 * Reads the command line of `npm run fuzz`.
 *
 * @throws UsageError
 */
export function parseOptions(args: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: args.filter((argument) => argument !== '--'),
      options: {
        requests: { type: 'string', default: '10000' },
        seed: { type: 'string' },
        auth: { type: 'string' },
      },
    });
    const requests = Number(values.requests);
    const seed = values.seed === undefined ? Math.floor(Math.random() * mostSeed) : Number(values.seed);
    if (!Number.isSafeInteger(requests) || requests < 1)
      throw new UsageError('--requests must be a number above 0');
    if (!Number.isSafeInteger(seed) || seed < 0) throw new UsageError('--seed must be a whole number');
    return { modes: modesOf(values.auth), requests, seed };
  } catch (cause) {
    throw new UsageError(`${cause instanceof Error ? cause.message : String(cause)}\n${usage}`, { cause });
  }
}

function modesOf(auth: string | undefined): readonly AuthMode[] {
  if (auth === undefined) return ['off', 'jwt'];
  if (auth === 'off' || auth === 'jwt') return [auth];
  throw new UsageError('--auth must be off or jwt');
}
