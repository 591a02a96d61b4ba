import type { RunnerEnv } from '@cloudemy/contracts';

const levels = ['debug', 'info', 'warn', 'error'] as const;
type Level = RunnerEnv['LOG_LEVEL'];
type Fields = Readonly<Record<string, unknown>>;

/** Writes JSON lines. The fields given to `child` are on every line below it. */
export interface Logger {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  child(fields: Fields): Logger;
  /** The same logger with another least level. */
  at(minimum: Level): Logger;
}

/**
 * One JSON object per line, in the shape the services log in. A logger of its own because a runner lives for
 * seconds and writes ten lines: a library would cost more time to load than all of them to write.
 */
export function createLogger(
  minimum: Level,
  fields: Fields,
  write: (line: string) => void = (line) => void process.stdout.write(line),
): Logger {
  const line =
    (level: Level) =>
    (message: string, more: Fields = {}) => {
      if (levels.indexOf(level) < levels.indexOf(minimum)) return;
      const time = new Date().toISOString();
      write(`${JSON.stringify({ level, time, service: 'runner', ...fields, ...more, msg: message })}\n`);
    };
  return {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    child: (more) => createLogger(minimum, { ...fields, ...more }, write),
    at: (other) => createLogger(other, fields, write),
  };
}

/** An error as log fields: its name, what it says and what caused it. No stack, no request. */
export function errorFields(error: unknown): Fields {
  if (!(error instanceof Error)) return { error: String(error) };
  const cause = error.cause instanceof Error ? { cause: `${error.cause.name}: ${error.cause.message}` } : {};
  return { error: `${error.name}: ${error.message.slice(0, 500)}`, ...cause };
}
