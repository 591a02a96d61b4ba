import { count, list } from '@cloudemy/service';
import { z } from 'zod';

const shells = list.pipe(
  z
    .array(z.string().regex(/^\/[\w./-]+$/, 'must list paths of shells, such as /bin/bash'))
    .min(1, 'must name at least one shell'),
);

/** Variables about terminals. */
export const terminalEnv = {
  /** POSIX shells that may be run, the preferred ones first. */
  TERMINAL_SHELLS: shells.prefault('/bin/bash,/bin/sh,/bin/ash,/bin/zsh,/bin/dash,/usr/bin/bash,/usr/bin/sh'),
  TERMINAL_MAX_SESSIONS: count.default(200),
  /** As many as of the service while authentication is off. */
  TERMINAL_MAX_SESSIONS_PER_USER: count.optional(),
  /** Without input, and without output that somebody was there to see. */
  TERMINAL_IDLE_SECONDS: count.default(900),
  /** How long a session waits for somebody to come back. */
  TERMINAL_DETACHED_SECONDS: count.default(60),
  /** However busy it is. */
  TERMINAL_MAX_SECONDS: count.default(8 * 3_600),
  TERMINAL_PING_SECONDS: count.default(15),
  /** How long a client may leave output waiting without taking any. */
  TERMINAL_STALLED_SECONDS: count.default(120),
  /** Where clients reach this service, when that cannot be told from a request: `https://host/path`. */
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'must be a URL such as https://host' }).optional(),
};

const TerminalEnv = z.object(terminalEnv);

export type TerminalConfig = Readonly<z.output<typeof TerminalEnv>>;
