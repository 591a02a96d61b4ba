/** RFC 3339 with whole seconds, as `metav1.Time` is written. */
export function seconds(at: number = Date.now()): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** RFC 3339 with microseconds, as `metav1.MicroTime` is written. */
export function micros(at: number = Date.now()): string {
  return `${new Date(at).toISOString().slice(0, 23)}000Z`;
}

/** Milliseconds of a stored time, or NaN. */
export function millis(time: string | null | undefined): number {
  return time === null || time === undefined ? Number.NaN : Date.parse(time);
}

/** A duration in the words of Go: `10s`, `1m20s`, `5m0s`. */
export function goDuration(ms: number): string {
  const total = Math.round(ms) / 1000;
  if (total < 1) {
    return `${Math.round(ms)}ms`;
  }
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const rest = `${total % 60}s`;
  if (hours > 0) {
    return `${hours}h${minutes}m${rest}`;
  }
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}
