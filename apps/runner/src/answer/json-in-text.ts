/** Characters that are looked at in all; bounds the work on text that is full of braces which nothing closes. */
const maxLooked = 8_000_000;

/** An object that stands in a text. */
export interface FoundObject {
  value: unknown;
  /** As it stands there. */
  text: string;
}

/**
 * The JSON objects that stand in a text, in its order, with whatever stands around them: prose, fences, end marks,
 * a byte order mark. An object inside another is part of it, not one of its own.
 */
export function objectsIn(text: string): FoundObject[] {
  const found: FoundObject[] = [];
  // A brace that opens an object is followed by a key; `{1, 2}` in a sentence is none.
  const opening = /\{(?=\s*")/g;
  for (let looked = 0; looked < maxLooked;) {
    const start = opening.exec(text)?.index;
    if (start === undefined) break;
    const end = closingOf(text, start);
    looked += (end ?? text.length) - start;
    const whole = end === undefined ? '' : text.slice(start, end);
    const value = parsed(whole);
    if (value === undefined) continue;
    found.push({ value, text: whole });
    opening.lastIndex = start + whole.length;
  }
  return found;
}

/** The object that a text is, and nothing else but white space and a byte order mark. */
export function wholeObject(text: string): FoundObject | undefined {
  const bare = text.replaceAll('\ufeff', '').trim();
  if (!bare.startsWith('{') || closingOf(bare, 0) !== bare.length) return undefined;
  const value = parsed(bare);
  return value === undefined ? undefined : { value, text: bare };
}

/** Where the brace at `start` is closed, braces in strings aside. */
function closingOf(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{') depth += 1;
    else if (character === '}') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return parsedStrictly(withControlsEscaped(text));
  }
}

function parsedStrictly(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Models break lines inside of strings; JSON wants `\n` there (RFC 8259, section 7). */
function withControlsEscaped(text: string): string {
  return text.replaceAll(/"(?:[^"\\]|\\[\s\S])*"/g, (string) =>
    string.replaceAll(
      // oxlint-disable-next-line no-control-regex -- these are the characters in question
      /[\u0000-\u001f]/g,
      (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  );
}
