/** Reads completion indexes as a Job's status and its success policy write them: `0,2-4,7`. */
export function parseIndexes(text: string | undefined): Set<number> {
  const found = new Set<number>();
  for (const part of (text ?? '').split(',')) {
    const [first = '', last = first] = part.split('-');
    if (first !== '') {
      for (let index = Number(first); index <= Number(last); index += 1) {
        found.add(index);
      }
    }
  }
  return found;
}

/** Writes them: two neighbours stay apart (`0,1`), three and more become a range (`0-2`). */
export function formatIndexes(indexes: Iterable<number>): string {
  const sorted = [...indexes].sort((left, right) => left - right);
  const parts: string[] = [];
  for (let from = 0; from < sorted.length;) {
    let to = from;
    while (sorted[to + 1] === (sorted[to] ?? 0) + 1) {
      to += 1;
    }
    const first = sorted[from];
    const last = sorted[to];
    if (to - from >= 2) {
      parts.push(`${first}-${last}`);
    } else {
      parts.push(...(to === from ? [`${first}`] : [`${first}`, `${last}`]));
    }
    from = to + 1;
  }
  return parts.join(',');
}
