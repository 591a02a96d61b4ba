import { quantityShape } from './quantity.js';

const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
/** Where `''` is in `DECIMAL`; a value is counted in billionths. */
const ONE = 3;
const BILLION = 1_000_000_000n;

/** Divided, away from zero where it does not come out even: no request becomes smaller by being written down. */
function divideUp(value: bigint, by: bigint): bigint {
  const rest = value % by;
  return value / by + (rest === 0n ? 0n : rest > 0n ? 1n : -1n);
}

/** How often `value` can be divided by `by`, at most `most` times, and what is left. */
function shortened(value: bigint, by: bigint, most: number): { times: number; rest: bigint } {
  let rest = value;
  let times = 0;
  while (rest !== 0n && times < most && rest % by === 0n) {
    rest /= by;
    times += 1;
  }
  return { times, rest };
}

function inBillionths(digits: string, suffix: string, exponent: string | undefined): bigint {
  const [whole = '', fraction = ''] = digits.replace(/^[+-]/, '').split('.');
  const unsigned = BigInt(`${whole}${fraction}` || '0') * BILLION;
  const binary = BINARY.indexOf(suffix);
  const tens =
    (exponent === undefined ? (binary > 0 ? 0 : 3 * (DECIMAL.indexOf(suffix) - ONE)) : Number(exponent)) -
    fraction.length;
  const scaled = unsigned * (binary > 0 ? 1024n ** BigInt(binary) : 1n);
  const value = tens < 0 ? divideUp(scaled, 10n ** BigInt(-tens)) : scaled * 10n ** BigInt(tens);
  return digits.startsWith('-') ? -value : value;
}

/**
 * The form in which a server stores a quantity: as short as its kind of suffix allows without a fraction, so `1000m`
 * is `1`, `0.5` is `500m` and `1024Mi` is `1Gi`. What is no quantity stays as it is.
 */
export function canonicalQuantity(text: string): string {
  const match = quantityShape.exec(text);
  if (match === null) {
    return text;
  }
  const [, digits = '', suffix = '', exponent] = match;
  const value = inBillionths(digits, suffix, exponent);
  if (value === 0n) {
    return '0';
  }
  const large = value >= 1024n * BILLION || value <= -1024n * BILLION;
  if (BINARY.indexOf(suffix) > 0 && large) {
    const { times, rest } = shortened(divideUp(value, BILLION), 1024n, BINARY.length - 1);
    return `${rest}${BINARY[times]}`;
  }
  const { times, rest } = shortened(value, 1000n, DECIMAL.length - 1);
  if (exponent !== undefined) {
    return times === ONE ? String(rest) : `${rest}e${3 * (times - ONE)}`;
  }
  return `${rest}${DECIMAL[times]}`;
}
