/**
 * JSON objects one after the other, as kubectl takes them, with the marks between them that YAML needs. They are put
 * at the beginning of a line, so that no line moves. Any other text is returned as it is.
 */
export function separateJson(text: string): string {
  const starts = startsOfObjects(text);
  if (starts === undefined || starts.length < 2) return text;
  let separated = '';
  let done = 0;
  for (const start of starts.slice(1)) {
    const line = text.lastIndexOf('\n', start) + 1;
    separated += `${text.slice(done, line)}--- `;
    done = line;
  }
  return separated + text.slice(done);
}

/** Where objects begin, if the text is nothing but objects and each but the first begins a line. */
function startsOfObjects(text: string): number[] | undefined {
  if (!/^\s*\{/.test(text)) return undefined;
  const starts: number[] = [];
  let depth = 0;
  const token = /"(?:[^"\\]|\\.)*"|[{}[\]]|[^\s{}[\]"]+/gs;
  for (const { 0: word, index } of text.matchAll(token)) {
    if (depth === 0) {
      if (word !== '{') return undefined;
      const lineStart = text.lastIndexOf('\n', index) + 1;
      if (starts.length > 0 && text.slice(lineStart, index).trim() !== '') return undefined;
      starts.push(index);
    }
    if (word === '{' || word === '[') depth += 1;
    if (word === '}' || word === ']') depth -= 1;
  }
  return depth === 0 ? starts : undefined;
}
