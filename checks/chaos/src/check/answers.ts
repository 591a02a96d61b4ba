import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const Line = z.object({
  msg: z.literal('request completed'),
  service: z.string(),
  method: z.string(),
  path: z.string(),
  status: z.int(),
  request_id: z.string().optional(),
});

/** What another try may cure is 503: these say that a service did not know what to make of something. */
const unexpected = new Set([500, 502, 504]);

/** Why an answer is what it is, as its service logs it. */
const Cause = z.object({
  level: z.literal('error'),
  request_id: z.string(),
  err: z.object({ code: z.string() }),
});

/** The deployer's words, in its contract, for a cluster that answered with an error: they say what exists then. */
const told = new Set(['cluster_error', 'deploy_incomplete', 'delete_incomplete']);

export interface Answers {
  /** How many there were of each status. */
  byStatus: Record<string, number>;
  /** Those that no fault excuses, in words. */
  serverErrors: string[];
}

/** Counts every answer of every replica, also to each other, by the lines of their logs. */
export async function answersIn(logsFolder: string): Promise<Answers> {
  const files = (await readdir(logsFolder)).filter((name) => /^(backend|scheduler|deployer)/.test(name));
  const texts = await Promise.all(files.map((name) => readFile(join(logsFolder, name), 'utf8')));
  return countAnswers(texts.flatMap((text) => text.split('\n')));
}

/** Counts answers by lines of logs; others are passed over. Pure. */
export function countAnswers(lines: readonly string[]): Answers {
  const answers = lines.flatMap((line) => {
    if (!line.includes('request completed')) return [];
    const parsed = Line.safeParse(parse(line));
    return parsed.success ? [parsed.data] : [];
  });
  const explained = new Set(lines.flatMap(requestTold));
  const groups = Object.groupBy(answers, ({ status }) => String(status));
  return {
    byStatus: Object.fromEntries(Object.entries(groups).map(([status, same = []]) => [status, same.length])),
    serverErrors: answers
      .filter(({ status, request_id: id }) => unexpected.has(status) && !explained.has(id ?? ''))
      .map(
        (one) =>
          `${one.service}: ${one.status} to ${one.method} ${one.path}, request ${one.request_id ?? '?'}`,
      ),
  };
}

function requestTold(line: string): string[] {
  if (!line.includes('"level":"error"')) return [];
  const { data } = Cause.safeParse(parse(line));
  return data !== undefined && told.has(data.err.code) ? [data.request_id] : [];
}

/** A line is cut where its process was killed. */
function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
