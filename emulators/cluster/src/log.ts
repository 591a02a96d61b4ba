export type LogLevel = 'info' | 'warn' | 'error';

/** Where the cluster says what it does; the caller decides where that goes. */
export type Log = (level: LogLevel, message: string, error?: unknown) => void;

/** For tests and for callers that do not care. */
export const silent: Log = () => {};

/** One JSON object per line on stderr. */
export const logToStderr: Log = (level, message, error) => {
  const cause = error instanceof Error ? (error.stack ?? error.message) : error;
  const line = { time: new Date().toISOString(), level, name: 'emulator-cluster', message };
  process.stderr.write(
    `${JSON.stringify(cause === undefined ? line : { ...line, error: typeof cause === 'string' ? cause : JSON.stringify(cause) })}\n`,
  );
};
