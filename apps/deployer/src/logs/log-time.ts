/** Times of log lines: RFC 3339 with nanoseconds, finer than a `Date` keeps. */

/** Length of a time as the kubelet writes it in UTC, with nine digits: what nearly every line begins with. */
export const usualTimeLength = '2026-01-01T00:00:00.000000000Z'.length;

const form = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

/** Nanoseconds since the epoch; 0 for what is no time. */
export function nanosOf(time: string): bigint {
  const match = form.exec(time);
  if (match === null) return 0n;
  const [, seconds = '', fraction = '', zone = ''] = match;
  return BigInt(Date.parse(`${seconds}${zone}`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** Below 0, 0 or above it, as one time is before, at or after the other. */
export function compareTimes(one: string, other: string): number {
  if (one === other) return 0;
  if (one.length === usualTimeLength && other.length === usualTimeLength) return one < other ? -1 : 1;
  const difference = nanosOf(one) - nanosOf(other);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
