import { signalOfExitCode } from '../jobs/exit-code.js';
import { isRecord } from '../objects/is-record.js';

/** How a command ended. */
export interface ExecExit {
  /** Absent when the command could not be started, or the server does not say. */
  exitCode: number | undefined;
  /** Name of the signal that ended it, e.g. `SIGKILL`. */
  signal?: string;
  /** False when there is no such command, or it is not executable. */
  started: boolean;
  message: string;
}

/** The last word of a session: a Status object on the error channel. */
export function readExecStatus(payload: string): ExecExit {
  const status = parse(payload);
  const message = typeof status['message'] === 'string' ? status['message'] : '';
  if (status['status'] === 'Success') return { exitCode: 0, started: true, message: 'the command succeeded' };
  if (status['reason'] !== 'NonZeroExitCode') {
    return { exitCode: undefined, started: false, message: message || payload };
  }
  const exitCode = exitCodeOf(status['details']);
  const signal = exitCode === undefined ? undefined : signalOfExitCode(exitCode);
  return { exitCode, started: true, message, ...(signal === undefined ? {} : { signal }) };
}

function parse(payload: string): Record<string, unknown> {
  try {
    const status: unknown = JSON.parse(payload);
    return isRecord(status) ? status : {};
  } catch {
    return {};
  }
}

function exitCodeOf(details: unknown): number | undefined {
  if (!isRecord(details) || !Array.isArray(details['causes'])) return undefined;
  for (const cause of details['causes']) {
    if (isRecord(cause) && cause['reason'] === 'ExitCode') return Number(cause['message']);
  }
  return undefined;
}
