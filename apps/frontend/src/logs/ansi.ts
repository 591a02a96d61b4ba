/** A piece of a line that looks the same from end to end. */
export interface Span {
  text: string;
  /** Names of classes: `fg-1`, `bg-4`, `bold` …; empty for plain text. */
  look: string;
}

interface Look {
  fg: string;
  bg: string;
  marks: Set<string>;
}

/** Select Graphic Rendition (ECMA-48, 8.3.117), and every other escape sequence, which is left out. */
// eslint-disable-next-line no-control-regex
const escapes = /\u001B(?:\[([\d;:]*)([@-~])|\][^\u0007\u001B]*(?:\u0007|\u001B\\)|[@-Z\\-_])/g;

const marksOn = new Map([
  [1, 'bold'],
  [2, 'dim'],
  [3, 'italic'],
  [4, 'underline'],
  [7, 'inverse'],
  [9, 'strike'],
]);
const marksOff = new Map<number, readonly string[]>([
  [22, ['bold', 'dim']],
  [23, ['italic']],
  [24, ['underline']],
  [27, ['inverse']],
  [29, ['strike']],
]);

/** What a line of a program shows: colours as classes, a progress line as its last state, nothing turned around. */
export function spansOf(line: string): Span[] {
  const text = withoutReordering(lastState(line));
  const look: Look = { fg: '', bg: '', marks: new Set() };
  const spans: Span[] = [];
  let from = 0;
  const push = (to: number): void => {
    if (to > from) spans.push({ text: text.slice(from, to), look: classesOf(look) });
  };
  for (const match of text.matchAll(escapes)) {
    push(match.index);
    from = match.index + match[0].length;
    if (match[2] === 'm') render(look, match[1] ?? '');
  }
  push(text.length);
  return spans;
}

/** The same without colours, to be searched and copied. */
export const plainOf = (line: string): string => lastState(line).replaceAll(escapes, '');

/** A carriage return begins the line again: what stands at the end is what a terminal would show. */
function lastState(line: string): string {
  const parts = line.split('\r');
  return parts.findLast((part) => part !== '') ?? '';
}

/** What turns the order of characters around, spelled out: a program could show what it did not print. */
const withoutReordering = (line: string): string =>
  line.replaceAll(
    /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `[U+${character.charCodeAt(0).toString(16).toUpperCase()}]`,
  );

function render(look: Look, parameters: string): void {
  const codes = parameters.split(/[;:]/).map(Number);
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    if (code === 0) Object.assign(look, { fg: '', bg: '', marks: new Set() });
    else if (marksOn.has(code)) look.marks.add(marksOn.get(code) ?? '');
    else if (marksOff.has(code)) for (const mark of marksOff.get(code) ?? []) look.marks.delete(mark);
    else if (code === 38 || code === 48) {
      const isIndexed = codes[at + 1] === 5;
      const colour = isIndexed ? sixteen(codes[at + 2] ?? 0) : '';
      if (code === 38) look.fg = colour === '' ? '' : `fg-${colour}`;
      else look.bg = colour === '' ? '' : `bg-${colour}`;
      at += isIndexed ? 2 : 4;
    } else if (code === 39) look.fg = '';
    else if (code === 49) look.bg = '';
    else if (code >= 30 && code <= 37) look.fg = `fg-${code - 30}`;
    else if (code >= 90 && code <= 97) look.fg = `fg-${code - 82}`;
    else if (code >= 40 && code <= 47) look.bg = `bg-${code - 40}`;
    else if (code >= 100 && code <= 107) look.bg = `bg-${code - 92}`;
  }
}

/** Of 256 colours the nearest of sixteen, whose contrast on the page's ground is known. */
function sixteen(index: number): string {
  if (index < 16) return String(index);
  if (index >= 232) return index < 244 ? '8' : '7';
  const cube = index - 16;
  const [red, green, blue] = [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(
    (part) => part > 2,
  );
  return String((red === true ? 1 : 0) + (green === true ? 2 : 0) + (blue === true ? 4 : 0));
}

const classesOf = ({ fg, bg, marks }: Look): string =>
  [fg, bg, ...[...marks].toSorted((a, b) => a.localeCompare(b))].filter((part) => part !== '').join(' ');
