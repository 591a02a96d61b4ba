import canonicalize from 'canonicalize';

/** Canonical JSON (RFC 8785). @throws Error for what is no JSON */
export function canonical(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new Error('there is no JSON for this value');
  return text;
}

/** The byte at which a value begins in the canonical form of what holds it. */
export function offsetOf(whole: unknown, path: readonly (string | number)[]): number {
  let at = 0;
  let value = whole;
  for (const step of path) {
    at += 1;
    for (const [key, inner] of entriesOf(value)) {
      if (!Array.isArray(value)) at += Buffer.byteLength(JSON.stringify(key)) + 1;
      if (key === String(step)) {
        value = inner;
        break;
      }
      at += Buffer.byteLength(canonical(inner)) + 1;
    }
  }
  return at;
}

function entriesOf(value: unknown): [string, unknown][] {
  const entries = Object.entries(Object(value));
  return Array.isArray(value) ? entries : entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** The first byte in which two differ; undefined when they are the same. */
export function firstDifference(a: Buffer, b: Buffer): number | undefined {
  if (a.equals(b)) return undefined;
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at += 1) if (a[at] !== b[at]) return at;
  return shorter;
}
