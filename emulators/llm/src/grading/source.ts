/** Families of syntax that the light reading tells apart. */
export type Family = 'python' | 'braces';

export interface SourceLine {
  /** As submitted. */
  text: string;
  /** The same line with comments removed and the contents of strings blanked. */
  code: string;
  /** Text of the comment or docstring on the line; empty when there is none. */
  comment: string;
}

export interface SourceFunction {
  name: string;
  /** Index of the line that declares it. */
  start: number;
  /** Index after its last line. */
  end: number;
}

export interface Source {
  family: Family;
  lines: SourceLine[];
  functions: SourceFunction[];
  /** Why the brackets do not match, or undefined when they do. */
  imbalance: { line: number; why: string } | undefined;
}

const PYTHON_FUNCTION = /^\s*(?:async\s+)?def\s+(\w+)\s*\(/;
const BRACE_FUNCTIONS = [
  /\bfunction\s*\*?\s+(\w+)\s*[(<]/,
  /\b(?:const|let)\s+(\w+)\s*(?::[^=]+)?=\s*(?:async\s*)?(?:\([^)]*\)|\w+)\s*(?::[^=]+)?=>/,
  /\bfunc\s+(?:\([^)]*\)\s*)?(\w+)\s*\(/,
  /\bfn\s+(\w+)\s*[(<]/,
  /^\s*(?:[\w<>[\],.?*&]+\s+)+\*?(\w+)\s*\([^;]*\)\s*(?:const\s*)?(?:throws\s+[\w,\s.]+)?\{/,
];
const NOT_NAMES = new Set(['if', 'for', 'while', 'switch', 'catch', 'return', 'else', 'new', 'main']);

/** Reads a program lightly: comments, strings, functions and brackets, nothing deeper. */
export function readSource(text: string): Source {
  const family = familyOf(text);
  const lines = splitLines(text, family);
  return { family, lines, functions: findFunctions(lines, family), imbalance: findImbalance(lines) };
}

function familyOf(text: string): Family {
  const python = /^\s*(?:def \w+\(.*|class \w+.*:|from \w[\w.]* import|import \w+$|elif .*:|if .*:$)/gm;
  const braces = /[;{}]\s*$/gm;
  return (text.match(python)?.length ?? 0) * 3 >= (text.match(braces)?.length ?? 0) ? 'python' : 'braces';
}

/** The next comment or string at a position, by family: opener, closer, and what it is. */
const TOKENS: Record<Family, { open: string; close: string; kind: 'comment' | 'string' }[]> = {
  python: [
    { open: '"""', close: '"""', kind: 'comment' },
    { open: "'''", close: "'''", kind: 'comment' },
    { open: '#', close: '\n', kind: 'comment' },
    { open: '"', close: '"', kind: 'string' },
    { open: "'", close: "'", kind: 'string' },
  ],
  braces: [
    { open: '/*', close: '*/', kind: 'comment' },
    { open: '//', close: '\n', kind: 'comment' },
    { open: '"', close: '"', kind: 'string' },
    { open: "'", close: "'", kind: 'string' },
    { open: '`', close: '`', kind: 'string' },
  ],
};

function splitLines(text: string, family: Family): SourceLine[] {
  const raw = text.split('\n');
  const lines: SourceLine[] = [{ text: raw[0] ?? '', code: '', comment: '' }];
  let inside: (typeof TOKENS)['python'][number] | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const line = lines[lines.length - 1];
    if (line === undefined) break;
    const letter = text[at] ?? '';
    if (letter === '\n') {
      // A quoted string does not span lines (a lone apostrophe must not swallow the rest of the program).
      if (inside !== undefined && (inside.close === '\n' || inside.close === '"' || inside.close === "'")) {
        inside = undefined;
      }
      lines.push({ text: raw[lines.length] ?? '', code: '', comment: '' });
    } else if (inside === undefined) {
      inside = TOKENS[family].find((token) => text.startsWith(token.open, at));
      if (inside === undefined) line.code += letter;
      else {
        if (inside.kind === 'string') line.code += inside.open;
        at += inside.open.length - 1;
      }
    } else if (text.startsWith(inside.close, at)) {
      if (inside.kind === 'string') line.code += inside.close;
      at += inside.close.length - 1;
      inside = undefined;
    } else if (inside.kind === 'comment') line.comment += letter;
    else if (letter === '\\' && text[at + 1] !== '\n') at += 1;
  }
  return lines;
}

function findFunctions(lines: SourceLine[], family: Family): SourceFunction[] {
  return lines.flatMap(({ code }, start) => {
    const patterns = family === 'python' ? [PYTHON_FUNCTION] : BRACE_FUNCTIONS;
    const name = patterns.map((pattern) => pattern.exec(code)?.[1]).find((found) => found !== undefined);
    if (name === undefined || NOT_NAMES.has(name)) return [];
    const end = family === 'python' ? endOfIndent(lines, start) : endOfBraces(lines, start);
    return [{ name, start, end }];
  });
}

/** Index after the last line that is indented deeper than the line at `start`. */
export function endOfIndent(lines: SourceLine[], start: number): number {
  const indent = indentOf(lines[start]?.code ?? '');
  // A declaration may go on over several lines until its colon.
  let body = start;
  while (body < lines.length && !/:\s*(?:\S.*)?$/.test(lines[body]?.code ?? '')) body += 1;
  for (let index = body + 1; index < lines.length; index += 1) {
    const code = lines[index]?.code ?? '';
    if (code.trim() !== '' && indentOf(code) <= indent) return index;
  }
  return lines.length;
}

/** Index after the line that closes the first brace opened at or after `start`. */
export function endOfBraces(lines: SourceLine[], start: number): number {
  let depth = 0;
  let opened = false;
  for (let index = start; index < lines.length; index += 1) {
    for (const letter of lines[index]?.code ?? '') {
      if (letter === '{') {
        depth += 1;
        opened = true;
      } else if (letter === '}') depth -= 1;
    }
    if (opened && depth <= 0) return index + 1;
  }
  return lines.length;
}

function indentOf(code: string): number {
  return code.length - code.trimStart().length;
}

function findImbalance(lines: SourceLine[]): Source['imbalance'] {
  const pairs: Record<string, string> = { ')': '(', ']': '[', '}': '{' };
  const open: { letter: string; line: number }[] = [];
  for (const [line, { code }] of lines.entries()) {
    for (const letter of code) {
      if ('([{'.includes(letter)) open.push({ letter, line });
      const wanted = pairs[letter];
      if (wanted !== undefined && open.pop()?.letter !== wanted) {
        return { line, why: `a ${letter} closes nothing` };
      }
    }
  }
  const left = open.pop();
  return left === undefined ? undefined : { line: left.line, why: `a ${left.letter} is never closed` };
}
