export type Unit =
  | 'ms'
  | 's'
  | 'MB'
  | 'MB/s'
  | 'lines/s'
  | 'Jobs/s'
  | 'requests'
  | 'requests/s'
  | 'MiB'
  | 'writes';

/** What must hold for a benchmark to pass. */
export interface Goal {
  /** Which figure of the row: the ratio to the direct way, the median or the largest value. */
  of: 'ratio' | 'median' | 'max';
  is: 'at most' | 'at least';
  bound: number;
}

/** One line of a benchmark's table. */
export interface Row {
  what: string;
  unit: Unit;
  min: number;
  median: number;
  max: number;
  /** Median against the median of the direct way; undefined for that way itself. */
  ratio?: number;
  /** Undefined for what is shown for comparison. */
  goal?: Goal & { met: boolean };
}

export interface Report {
  bench: string;
  /** Rounds, the rivals in turn in each. */
  rounds: number;
  /** What a round does. */
  about: string;
  rows: Row[];
  /** What the reader must know of this run. */
  notes?: string[];
}

export interface RowOptions {
  /** The median of the direct way. */
  baseline?: number;
  goal?: Goal;
}

/**
 * A row out of one value per round.
 *
 * @param values in `unit`, at least one
 */
export function rowOf(what: string, unit: Unit, values: readonly number[], options: RowOptions = {}): Row {
  const { baseline, goal } = options;
  const median = medianOf(values);
  const ratio = baseline === undefined ? undefined : median / baseline;
  const max = Math.max(...values);
  return {
    what,
    unit,
    min: rounded(Math.min(...values)),
    median: rounded(median),
    max: rounded(max),
    ...(ratio === undefined ? {} : { ratio: rounded(ratio) }),
    ...(goal === undefined ? {} : { goal: { ...goal, met: holds(goal, { ratio, median, max }[goal.of]) } }),
  };
}

/** The middle of the values, in their unit. */
export const medianOf = (values: readonly number[]): number => quantileOf(values, 0.5);

/**
 * The value below which this share of the values lies, between neighbours in proportion.
 *
 * @param share 0 to 1
 */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at % 1);
}

/** Whether every goal was met. */
export const meetsGoals = ({ rows }: Report): boolean => rows.every(({ goal }) => goal?.met !== false);

function holds({ is, bound }: Goal, value: number | undefined): boolean {
  if (value === undefined) return false;
  return is === 'at most' ? value <= bound : value >= bound;
}

/** Three digits that count: 0.412, 3.18, 27.4, 153821. */
function rounded(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
