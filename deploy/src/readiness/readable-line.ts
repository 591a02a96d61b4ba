import { z } from 'zod';

/** What the services' own log lines have (packages/service/src/log). */
const LogLine = z.object({
  level: z.string(),
  msg: z.string(),
  err: z.object({ message: z.string() }).optional(),
});

/** A line per request (packages/service/src/http/access-log.ts). */
const AccessLine = z.object({ method: z.string(), path: z.string(), status: z.number() });

const maxCharacters = 300;

/** A line of a container's log for people: what one of the services says without its fields and stacks, others as they are. */
export function readableLine(line: string): string {
  const said = LogLine.safeParse(parsed(line));
  const words = said.success ? inWords(said.data) : line;
  return words.length > maxCharacters ? `${words.slice(0, maxCharacters)}…` : words;
}

/** Whether a line only tells that a request came. */
export const isAccessLine = (line: string): boolean => AccessLine.safeParse(parsed(line)).success;

const inWords = ({ level, msg, err }: z.output<typeof LogLine>): string =>
  `${level}: ${msg}${err === undefined ? '' : `: ${err.message}`}`;

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
