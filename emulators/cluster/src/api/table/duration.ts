/** A time span as kubectl shows it, in one unit, the larger the longer it is: `12s`, `5m`, `3h`, `4d`. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 120) {
    return `${seconds}s`;
  }
  const minutes = Math.floor(seconds / 60);
  if (minutes < 180) {
    return `${minutes}m`;
  }
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)}h` : `${Math.floor(minutes / 1440)}d`;
}

/** Age of an RFC 3339 time, `<unknown>` without one. */
export function age(time: unknown): string {
  return typeof time === 'string' && time !== '' ? humanDuration(Date.now() - Date.parse(time)) : '<unknown>';
}
