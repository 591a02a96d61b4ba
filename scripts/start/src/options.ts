import { parseArgs } from 'node:util';

/** The command line cannot be understood; the message says what can. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface StartOptions {
  /** End after the demonstration. */
  once: boolean;
  /** One JSON line per submission at the end, on stdout; all else on stderr. */
  json: boolean;
  /** Skip the demonstration. */
  demo: boolean;
  kubeconfig: string | undefined;
  /** Where runner Jobs go. */
  namespace: string | undefined;
  benchmarkNamespace: string | undefined;
  /** Folder of data and logs. */
  data: string | undefined;
  /** Say what can be asked for, and do nothing. */
  help: boolean;
}

export const usage = `npm start -- [options]

  --once             end after the demonstration; exit code 0 only if every submission was graded
  --json             print one JSON line per submission once all are graded, and everything else on stderr
  --no-demo          start everything and submit nothing
  --kubeconfig FILE  use this cluster instead of the embedded one; needs RUNNER_IMAGE, an image of the runner
                     that it can pull, and HOST_ADDRESS, where its pods reach this machine
  --namespace NAME   where runner Jobs go (cloudemy-runners in the embedded cluster, default in yours)
  --benchmark-namespace NAME
                     where benchmarks go (default); with AUTH_MODE=jwt never where runner Jobs go
  --data FOLDER      where data and logs are kept (.cloudemy)

Environment: MONGO_URI, REDIS_URL, LLM_API_KEY, LLM_BASE_URL, LLM_MODEL, RUNNER_IMAGE, HOST_ADDRESS,
DEMO_IMAGE (of the benchmark Job, busybox), LOG_LEVEL, AUTH_MODE (off, or jwt: people sign in).
`;

/**
 * Reads the command line of `npm start`.
 *
 * @throws UsageError
 */
export function parseOptions(args: readonly string[]): StartOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        once: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        demo: { type: 'boolean', default: true },
        kubeconfig: { type: 'string' },
        namespace: { type: 'string' },
        'benchmark-namespace': { type: 'string' },
        data: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
      allowNegative: true,
    });
    const { 'benchmark-namespace': benchmarkNamespace, ...others } = values;
    return {
      ...others,
      benchmarkNamespace,
      kubeconfig: values.kubeconfig,
      namespace: values.namespace,
      data: values.data,
    };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`, {
      cause: error,
    });
  }
}
