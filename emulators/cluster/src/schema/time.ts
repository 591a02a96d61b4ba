/** Go's reference layouts, as its errors quote them. */
const SECONDS = '2006-01-02T15:04:05Z07:00';
const MICRO = '2006-01-02T15:04:05.000000Z07:00';

const shape = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/**
 * Checks a timestamp and turns it to UTC. `micro` wants exactly six decimals (MicroTime), otherwise they are
 * cut (Time has whole seconds).
 */
export function checkTime(text: string, micro: boolean): { text: string } | { error: string } {
  const layout = micro ? MICRO : SECONDS;
  const match = shape.exec(text);
  const moment = match === null ? Number.NaN : Date.parse(text);
  if (Number.isNaN(moment)) {
    return { error: `parsing time "${text}" as "${layout}": cannot parse "${text}" as "2006"` };
  }
  const fraction = match?.[1] ?? '';
  const seconds = new Date(moment).toISOString().slice(0, 19);
  if (!micro) {
    return { text: `${seconds}Z` };
  }
  if (fraction.length !== 7) {
    const rest = text.slice(19);
    return { error: `parsing time "${text}" as "${layout}": cannot parse "${rest}" as ".000000"` };
  }
  return { text: `${seconds}${fraction}Z` };
}
