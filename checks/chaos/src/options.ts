import { parseArgs } from 'node:util';

export interface Options {
  submissions: number;
  faults: number;
  seed: number;
  /** Restart every replica once instead, as a rollout does. */
  rolling: boolean;
  /** Only faults whose words have one of these in them. */
  only: string[];
  /** Minutes that the model is away from the start on, while everything else is done; 0 for not at all. */
  modelAway: number;
}

/** The command line makes no sense; the message is for the user. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const usage =
  'usage: npm run chaos -- [--submissions N] [--faults N] [--seed N] [--only WORDS]... [--model-away MINUTES]\n' +
  '       npm run chaos -- --rolling [--submissions N]';

/** @throws UsageError */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parse(args);
  return {
    submissions: whole('submissions', values.submissions),
    faults: whole('faults', values.faults),
    seed: whole('seed', values.seed),
    rolling: values.rolling,
    only: values.only,
    modelAway: whole('model-away', values['model-away']),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: args.filter((argument) => argument !== '--'),
      options: {
        submissions: { type: 'string', default: '100' },
        faults: { type: 'string', default: '15' },
        seed: { type: 'string', default: '1' },
        rolling: { type: 'boolean', default: false },
        'model-away': { type: 'string', default: '0' },
        only: { type: 'string', multiple: true, default: [] },
      },
    });
  } catch (cause) {
    throw new UsageError(`${cause instanceof Error ? cause.message : String(cause)}\n${usage}`, { cause });
  }
}

function whole(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(
    `--${name} must be a whole number of at most nine digits, not ${JSON.stringify(text)}\n${usage}`,
  );
}
