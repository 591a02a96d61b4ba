import { isIP, isIPv4 } from 'node:net';
import { z } from 'zod';

/** Whose `X-Forwarded-*` is believed: that of so many proxies in front, or of those at these addresses. */
export type TrustedProxies = number | string[];

const mostHops = 10;

/**
 * `TRUST_PROXY`: how many proxies are in front (`0`, `1` …), or their addresses and ranges (`10.0.3.7,fd00:3::/64`).
 * Names of ranges, as express has them, are refused: whoever has a private address would choose their own.
 */
export const trustedProxies = z.string().transform((value, context): TrustedProxies => {
  const text = value.trim();
  if (/^\d+$/.test(text)) {
    if (Number(text) <= mostHops) return Number(text);
    context.addIssue({ code: 'custom', message: `must be at most ${mostHops} proxies` });
    return z.NEVER;
  }
  const ranges = text.split(',').map((range) => range.trim());
  const wrong = ranges.find((range) => !isRange(range));
  if (wrong === undefined) return ranges;
  context.addIssue({ code: 'custom', message: faultOf(wrong) });
  return z.NEVER;
});

function faultOf(range: string): string {
  const names = ['loopback', 'linklocal', 'uniquelocal'];
  const example =
    'Set the number of proxies in front (such as 1), or their own addresses (such as 10.0.3.0/24)';
  return names.includes(range)
    ? `${range} would believe every client with such an address which address it has. ${example}`
    : `${range === '' ? 'an empty entry' : range} is no address or range. ${example}`;
}

/** An address, or one with the length of its prefix, of at least one bit. */
function isRange(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  if (rest.length > 0 || isIP(address) === 0) return false;
  if (prefix === undefined) return true;
  const bits = isIPv4(address) ? 32 : 128;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= bits;
}
