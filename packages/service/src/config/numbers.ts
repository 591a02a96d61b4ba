import { z } from 'zod';

/** Longer than any timer of Node can wait. */
const maxTimerMs = 2_147_483_647;

const whole = (unit: string, least: number, most: number) =>
  z.coerce
    .number(`must be a number${unit}`)
    .int('must be a whole number')
    .min(least, `must be at least ${least}`)
    .max(most, `must be at most ${most}`);

/** A TCP port; 0 asks the system for a free one. */
export const port = whole('', 0, 65_535);

/** A whole number of milliseconds, at least 1. */
export const milliseconds = whole(' of milliseconds', 1, maxTimerMs);

/** A whole number, at least 1. */
export const count = whole('', 1, Number.MAX_SAFE_INTEGER);
