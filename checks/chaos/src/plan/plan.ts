import { type ClusterKind, type Disturbance, catalogue, inWords, isLong, services } from './catalogue.js';
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
/** Of what must last: others go on meanwhile. */
const lastingHoldMs = [12_000, 60_000] as const;
const overlapShare = 0.25;
const restMs = [200, 1_200] as const;

/**
 * What is done, in order: a pure function of its arguments. All that can be done is done before anything is
 * done again.
 *
 * @param count faults
 * @param only what is done is one of these, by its words or a part of them; anything when empty
 */
export function planFaults(
  seed: number,
  count: number,
  cluster: ClusterKind,
  only: readonly string[] = [],
): Fault[] {
  const random = seededRandom(seed);
  const between = ([least, most]: readonly [number, number]): number =>
    Math.round(least + random() * (most - least));
  const deck = catalogue(cluster).filter(
    (one) => only.length === 0 || only.some((words) => inWords(one).includes(words)),
  );
  const rounds = Array.from({ length: Math.ceil(count / Math.max(1, deck.length)) }, () =>
    shuffled(deck, random),
  );
  return rounds
    .flat()
    .slice(0, count)
    .map((disturbance) => ({
      disturbance,
      holdMs: between(holdOf(disturbance, random() < longShare)),
      overlaps: random() < overlapShare || isLong(disturbance),
      restMs: between(restMs),
      pick: random(),
    }));
}

function holdOf(disturbance: Disturbance, isLonger: boolean): readonly [number, number] {
  if (isLong(disturbance)) return lastingHoldMs;
  return isLonger ? longHoldMs : shortHoldMs;
}

/** The model answers nobody for so many minutes, while what follows is done. */
export function modelAway(minutes: number): Fault[] {
  if (minutes === 0) return [];
  const holdMs = minutes * 60_000;
  return [{ disturbance: { action: 'down', part: 'llm' }, holdMs, overlaps: true, restMs: 0, pick: 0 }];
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
