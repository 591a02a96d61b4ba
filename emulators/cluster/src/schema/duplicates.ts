/**
 * Finds fields that occur twice in one object of a JSON text, which `JSON.parse` hides. The text must be valid
 * JSON. Returns paths such as `data.a` and `spec.containers[0].name`.
 */
export function duplicateFields(text: string): string[] {
  const found: string[] = [];
  let position = 0;

  function space(): void {
    while (position < text.length && text.charCodeAt(position) <= 0x20) {
      position += 1;
    }
  }

  /** Leaves the position behind the closing quote and returns the raw text with its quotes. */
  function string(): string {
    const start = position;
    position += 1;
    while (text.charCodeAt(position) !== 0x22) {
      position += text.charCodeAt(position) === 0x5c ? 2 : 1;
    }
    position += 1;
    return text.slice(start, position);
  }

  function object(path: string): void {
    const seen = new Set<string>();
    position += 1;
    space();
    while (text[position] !== '}') {
      const raw = string();
      const key = raw.includes('\\') ? String(JSON.parse(raw)) : raw.slice(1, -1);
      const field = path === '' ? key : `${path}.${key}`;
      if (seen.has(key)) {
        found.push(field);
      }
      seen.add(key);
      space();
      position += 1;
      value(field);
      space();
      if (text[position] === ',') {
        position += 1;
        space();
      }
    }
    position += 1;
  }

  function array(path: string): void {
    position += 1;
    space();
    for (let index = 0; text[position] !== ']'; index += 1) {
      value(`${path}[${index}]`);
      space();
      if (text[position] === ',') {
        position += 1;
        space();
      }
    }
    position += 1;
  }

  function value(path: string): void {
    space();
    switch (text[position]) {
      case '{':
        object(path);
        break;
      case '[':
        array(path);
        break;
      case '"':
        string();
        break;
      default:
        while (position < text.length && !',]}'.includes(text[position] ?? '')) {
          position += 1;
        }
    }
  }

  value('');
  return found;
}
