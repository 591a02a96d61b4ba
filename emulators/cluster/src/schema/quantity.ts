/** As the API server words it in its refusal. */
export const quantityPattern = '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$';

const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** Number, suffix, exponent. */
export const quantityShape =
  /^([+-]?(?:\d+\.?\d*|\.\d+))(?:(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)|[eE]([+-]?\d+))?$/;

/** Base units (cores, bytes) of a quantity such as `500m`, `1.5Gi`, `2e3`; undefined when it is none. */
export function parseQuantity(text: string): number | undefined {
  const match = quantityShape.exec(text);
  if (match === null) {
    return undefined;
  }
  const factor = match[3] === undefined ? suffixes[match[2] ?? ''] : 10 ** Number(match[3]);
  return factor === undefined ? undefined : Number(match[1]) * factor;
}

/** The same of an object's field: nothing counts as 0, what is no quantity as NaN. */
export function quantity(value: string | number | undefined): number {
  return value === undefined ? 0 : (parseQuantity(String(value)) ?? Number.NaN);
}

/** Whole base units, or thousandths with `m`: how sums of quotas are written. */
export function formatQuantity(value: number, like: string): string {
  if (/(?:Ki|Mi|Gi|Ti)$/.test(like)) {
    for (const [suffix, factor] of [
      ['Gi', 2 ** 30],
      ['Mi', 2 ** 20],
      ['Ki', 2 ** 10],
    ] as const) {
      if (value !== 0 && value % factor === 0) {
        return `${value / factor}${suffix}`;
      }
    }
  }
  return Number.isInteger(value) ? String(value) : `${Math.round(value * 1000)}m`;
}
