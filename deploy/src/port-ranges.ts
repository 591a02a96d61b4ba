import type { PortRange } from './manifests/surroundings.js';

/**
 * Reads ports and ranges of them, such as `80,443,5000-5100`, or `all`.
 *
 * @throws an error that says what is expected
 */
export function portRanges(text: string | undefined): 'all' | readonly PortRange[] | undefined {
  if (text === undefined || text === 'all') return text;
  return text.split(',').map((item) => {
    const [, first, last = first] = /^\s*(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(item) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (from >= 1 && from <= to && to <= 65_535) return { from, to };
    throw new Error(`--benchmark-ports is all, or ports and ranges such as 80,443,5000-5100, not ${text}`);
  });
}
