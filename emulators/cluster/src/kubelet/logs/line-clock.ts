/** Nanoseconds since the epoch. Every stamp is later than the one before, so a stamp names one line. */
export class LineClock {
  #last = 0n;

  /** The stamp of the first of `lines` lines; the others follow it by a nanosecond each. */
  take(lines: number): bigint {
    const micros = BigInt(Math.floor((performance.timeOrigin + performance.now()) * 1000));
    const now = micros * 1000n;
    const first = now > this.#last ? now : this.#last + 1n;
    this.#last = first + BigInt(Math.max(0, lines - 1));
    return first;
  }
}

/** RFC 3339 with nine digits, as `timestamps=true` writes it. */
export function formatStamp(stamp: bigint): string {
  const rest = stamp % 1_000_000_000n;
  const whole = new Date(Number(stamp / 1_000_000n)).toISOString().slice(0, 19);
  return `${whole}.${rest.toString().padStart(9, '0')}Z`;
}
