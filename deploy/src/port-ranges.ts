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

/** Ports that the services listen on already. */
const taken = [8_000, 8_001, 8_002];

/**
 * Reads the port of /internal and /metrics.
 *
 * @throws an error that says what is expected
 */
export function internalPort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{4,5}$/.test(text) ? Number(text) : 0;
  if (port > 1_023 && port <= 65_535 && !taken.includes(port)) return port;
  throw new Error(
    `--internal-port is a port from 1024 to 65535 that no service has (${taken.join(', ')}), not ${text}`,
  );
}
