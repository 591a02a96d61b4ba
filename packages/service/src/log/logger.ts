import { type DestinationStream, type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';
import { logContext } from './context.js';
import { describeError } from './describe-error.js';

export type Logger = PinoLogger;

/** Never in a log line: credentials, and the code people submit. */
const secrets = [
  'authorization',
  'cookie',
  'password',
  'current_password',
  'new_password',
  'token',
  'ticket',
  'result_token',
  'access_token',
  'refresh_token',
  'api_key',
  'invitation',
  // With its ticket it opens a terminal.
  'websocket_url',
];
const redacted = [
  ...secrets,
  ...secrets.map((name) => `*.${name}`),
  'body.code',
  'submission.code',
  'record.code',
  'req.headers["x-result-token"]',
];

/** One JSON object per line on stdout, with the ids in force (see `withLogContext`). */
export function createLogger(service: string, level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: { service },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => ({ ...logContext() }),
      // Errors of libraries carry what they were about: commands with passwords, records with code.
      serializers: { err: describeError },
      redact: { paths: redacted, censor: '[redacted]' },
    },
    // Written at once: a line is never lost in a crash, and a reader that is gone cannot keep the process
    // from ending, which it does while buffered lines are flushed.
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
}
