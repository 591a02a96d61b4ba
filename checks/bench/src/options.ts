import { parseArgs } from 'node:util';

export interface BenchOptions {
  names: string[];
  /** Undefined: each benchmark's own number. */
  rounds: number | undefined;
  quick: boolean;
  /** Undefined: the embedded cluster. */
  kubeconfig: string | undefined;
}

/** The command line makes no sense; the message is for the user. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * @param known names of benchmarks
 * @throws UsageError
 */
export function parseOptions(args: readonly string[], known: readonly string[]): BenchOptions {
  const { positionals, values } = parse(args);
  const isRounds = (word: string | undefined): boolean => word !== undefined && /^[1-9]\d{0,3}$/.test(word);
  const rounds = isRounds(positionals.at(-1)) ? positionals.pop() : undefined;
  const names = positionals.flatMap((name) => (name === 'all' ? known : [name]));
  if (names.length === 0 || !names.every((name) => known.includes(name))) throw new UsageError(usage(known));
  return {
    names,
    rounds: rounds === undefined ? undefined : Number(rounds),
    quick: values.quick,
    kubeconfig: values.kubeconfig,
  };
}

const usage = (known: readonly string[]): string =>
  `usage: npm run bench -- NAME... [ROUNDS] [--kubeconfig FILE] [--quick]\nNames: ${[...known, 'all'].join(', ')}`;

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: args.filter((argument) => argument !== '--'),
      allowPositionals: true,
      options: { quick: { type: 'boolean', default: false }, kubeconfig: { type: 'string' } },
    });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
