import { CronExpressionParser } from 'cron-parser';

/** Missed runs beyond this many are not counted one by one; a real controller starts the newest all the same. */
const MISSED_LIMIT = 100;
const NAMED = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);
/** The parser knows more than Kubernetes: seconds, and `L`, `H`, `#`. */
const BEYOND = /#|(?:^|[\s,/-])[LHW](?:$|[\s,/-])/i;

/** What is wrong with a schedule, in words for its field; undefined when nothing is. */
export function scheduleFault(schedule: string, timeZone?: string): string | undefined {
  if (schedule.startsWith('@')) {
    return NAMED.has(schedule) ? undefined : `unrecognized descriptor: ${schedule}`;
  }
  const fields = schedule.trim().split(/\s+/);
  if (fields.length !== 5) {
    return `expected exactly 5 fields, found ${fields.length}: [${schedule}]`;
  }
  if (BEYOND.test(schedule)) {
    return `failed to parse: ${schedule}`;
  }
  try {
    parse(schedule, timeZone, 0);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Whether a time zone is one that this machine knows. */
export function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function parse(schedule: string, timeZone: string | undefined, at: number) {
  const named = { '@midnight': '@daily', '@annually': '@yearly' }[schedule] ?? schedule.trim();
  return CronExpressionParser.parse(named, { currentDate: new Date(at), tz: timeZone ?? 'UTC' });
}

/** The runs that were due after `after` and up to `now`, and when the next one is; all in milliseconds. */
export function dueRuns(
  schedule: string,
  timeZone: string | undefined,
  { after, now }: { after: number; now: number },
): { last: number | undefined; missed: number; next: number } {
  const first = parse(schedule, timeZone, after).next().getTime();
  if (first > now) {
    return { last: undefined, missed: 0, next: first };
  }
  // Not counted from the far past: a CronJob that slept for a year has one run to catch up with.
  const newest = parse(schedule, timeZone, now + 1);
  const last = newest.prev().getTime();
  const upcoming = parse(schedule, timeZone, now);
  let missed = 1;
  for (const run = parse(schedule, timeZone, first); missed <= MISSED_LIMIT; missed += 1) {
    if (run.next().getTime() > last) {
      break;
    }
  }
  return { last, missed, next: upcoming.next().getTime() };
}
