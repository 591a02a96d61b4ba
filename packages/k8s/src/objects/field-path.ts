/**
 * Paths to a field as the API server writes them: `spec.containers[0].image`, `metadata.labels[app]`,
 * `.spec.containers[name="main"].image`.
 */

/** An item of a list found by the value of one of its fields. */
export interface ListKey {
  key: string;
  value: string;
}

export type PathSegment = string | number | ListKey;
export type FieldPath = readonly PathSegment[];

/** `['spec', 'containers', 0, 'image']` to `spec.containers[0].image`. */
export function formatPath(path: FieldPath): string {
  let text = '';
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else if (typeof segment === 'object') text += `[${segment.key}=${JSON.stringify(segment.value)}]`;
    else if (/^[^.[\]]+$/.test(segment)) text += text === '' ? segment : `.${segment}`;
    else text += `[${segment}]`;
  }
  return text;
}

const SEGMENT = /\.?([^.[\]]+)|\[("(?:[^"\\]|\\.)*"|[^\]]*)\]/gy;

/** The reverse of `formatPath`, for paths the server names. What is no path gives as much as can be read. */
export function parsePath(text: string): PathSegment[] {
  const path: PathSegment[] = [];
  for (const match of text.matchAll(SEGMENT)) {
    const [, name, bracket] = match;
    path.push(name ?? parseBracket(bracket ?? ''));
  }
  return path;
}

function parseBracket(text: string): PathSegment {
  if (/^\d+$/.test(text)) return Number(text);
  // Of a compound key (`[port=80,protocol="TCP"]`) the first field is enough to find the line.
  const keyed = /^([^=,"]+)=(?:"((?:[^"\\]|\\.)*)"|([^,]*))/.exec(text);
  if (keyed !== null) return { key: keyed[1] ?? '', value: keyed[2] ?? keyed[3] ?? '' };
  return text.replace(/^"(.*)"$/, '$1');
}
