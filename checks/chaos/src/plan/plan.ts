import { type ClusterKind, type Disturbance, catalogue, services } from './catalogue.js';
import { seededRandom, shuffled } from './random.js';

export interface Fault {
  disturbance: Disturbance;
  /** Milliseconds until it is mended: until what was ended starts again, what was cut lets through. */
  holdMs: number;
  /** The next one comes while this one lasts. */
  overlaps: boolean;
  /** Milliseconds until the next one, from its end, or from its beginning if it overlaps. */
  restMs: number;
  /** From 0 up to 1: which one, where there are several. */
  pick: number;
}

/** Longer than a lease, a lock or a request lasts would be dull most of the time, and is needed sometimes. */
const shortHoldMs = [200, 2_500] as const;
const longHoldMs = [5_000, 9_000] as const;
const longShare = 0.1;
const overlapShare = 0.25;
const restMs = [200, 1_200] as const;

/**
 * What is done, in order: a pure function of its arguments. All that can be done is done before anything is
 * done again.
 *
 * @param count faults
 */
export function planFaults(seed: number, count: number, cluster: ClusterKind): Fault[] {
  const random = seededRandom(seed);
  const between = ([least, most]: readonly [number, number]): number =>
    Math.round(least + random() * (most - least));
  const deck = catalogue(cluster);
  const rounds = Array.from({ length: Math.ceil(count / deck.length) }, () => shuffled(deck, random));
  return rounds
    .flat()
    .slice(0, count)
    .map((disturbance) => ({
      disturbance,
      holdMs: between(random() < longShare ? longHoldMs : shortHoldMs),
      overlaps: random() < overlapShare,
      restMs: between(restMs),
      pick: random(),
    }));
}

/** Every replica of every service restarted once, one after another, as a rollout does. */
export function planRolling(): Fault[] {
  return services.map((part) => ({
    disturbance: { action: 'restart', part },
    holdMs: 0,
    overlaps: false,
    restMs: 500,
    pick: 0,
  }));
}

/** Milliseconds that the faults take at least. */
export const lengthOf = (plan: readonly Fault[]): number =>
  plan.reduce((sum, { holdMs, overlaps, restMs }) => sum + (overlaps ? 0 : holdMs) + restMs, 0);
