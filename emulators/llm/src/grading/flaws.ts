import { endOfBraces, endOfIndent, type Source } from './source.js';
import type { Topic } from './topic.js';

/** Something in the code that is wrong on its face. */
export interface Flaw {
  /** Index of the line it is on. */
  line: number;
  /** One clause, e.g. "the loop on this line never ends". */
  why: string;
  topics: Topic[];
}

interface Sign {
  pattern: RegExp;
  why: string;
  topics: Topic[];
}

/** Flaws that one line shows. Matched on code without comments and strings. */
const SIGNS: Sign[] = [
  {
    pattern: /range\(\s*len\(\w+\)\s*\+\s*1\s*\)|<=\s*[\w.]+\.(?:length|size\(\)|length\(\))(?!\s*-)/,
    why: 'the loop runs one past the end',
    topics: ['correctness'],
  },
  { pattern: /^\s*except\s*:/, why: 'a bare except hides every error', topics: ['robustness', 'style'] },
  {
    pattern: /\bcatch\s*(?:\([^)]*\))?\s*\{\s*\}/,
    why: 'a caught error is dropped',
    topics: ['robustness', 'style'],
  },
  { pattern: /(?<![.\w])(?:eval|exec)\(/, why: 'text is run as code', topics: ['security', 'style'] },
  { pattern: /\bshell\s*=\s*True|\bos\.system\(/, why: 'a shell interprets the text', topics: ['security'] },
  {
    pattern: /\.innerHTML\s*=|\bgets\(|\bstrcpy\(/,
    why: 'unchecked text goes where it can do harm',
    topics: ['security'],
  },
  {
    pattern: /def \w+\([^)]*=\s*(?:\[\]|\{\})/,
    why: 'a mutable default is shared between calls',
    topics: ['correctness', 'style'],
  },
  { pattern: /===?\s*(?:Number\.)?NaN\b/, why: 'nothing equals NaN', topics: ['correctness', 'robustness'] },
  { pattern: /^\s*(?:sorted|reversed)\(.*\)\s*$/, why: 'the result is thrown away', topics: ['correctness'] },
  {
    pattern: /\b(?:if|while)\s*\(\s*\w+\s*=\s*[^=]/,
    why: 'a condition assigns instead of comparing',
    topics: ['correctness'],
  },
  { pattern: /^\s*(?:pass|\.\.\.)\s*$/, why: 'a body is left empty', topics: ['correctness', 'robustness'] },
];

/** More flaws than this cannot lower a score further. */
const MAX_FLAWS = 50;
/** Lines of a block or function that are looked at, so that the time taken grows with the program only. */
const MAX_BLOCK = 400;

/** The obvious flaws of a program, at most 50, in the order of its lines. */
export function findFlaws(source: Source): Flaw[] {
  const flaws: Flaw[] = [];
  const texts = namesOfStrings(source);
  if (source.imbalance !== undefined) {
    flaws.push({ ...source.imbalance, topics: ['correctness', 'style'] });
  }
  for (const [line, { code, comment }] of source.lines.entries()) {
    if (flaws.length >= MAX_FLAWS) break;
    for (const { pattern, why, topics } of SIGNS) {
      if (pattern.test(code)) flaws.push({ line, why, topics });
    }
    if (/\bTODO\b|\bFIXME\b|not implemented/i.test(comment)) {
      flaws.push({ line, why: 'work is left to do', topics: ['correctness', 'documentation', 'style'] });
    }
    if (comparesIdentity(texts, code)) {
      flaws.push({ line, why: 'strings are compared by identity', topics: ['correctness'] });
    }
    if (isEndless(source, line)) flaws.push({ line, why: 'the loop never ends', topics: ['correctness'] });
    const divisor = unguardedDivisor(source, line);
    if (divisor !== undefined) {
      flaws.push({
        line,
        why: `the division fails when ${divisor} is zero`,
        topics: ['correctness', 'robustness'],
      });
    }
    if (isNestedSearch(source, line)) {
      flaws.push({ line, why: 'a loop inside a loop makes the work quadratic', topics: ['efficiency'] });
    }
  }
  return flaws;
}

/** `while True` or `for (;;)` whose body has no way out. */
function isEndless(source: Source, line: number): boolean {
  const code = source.lines[line]?.code ?? '';
  if (
    !/\bwhile\s*\(?\s*(?:True|true|1)\s*\)?\s*[:{]|\bfor\s*\(\s*;\s*;\s*\)|\bfor\s*\{|\bloop\s*\{/.test(code)
  ) {
    return false;
  }
  return !blockAt(source, line).some((text) =>
    /\b(?:break|return|raise|throw|yield|panic|exit)\b/.test(text),
  );
}

/** Names that Java declares as `String`. */
function namesOfStrings(source: Source): Set<string> {
  const declared = source.lines.flatMap(({ code }) => [...code.matchAll(/\bString\s+(\w+)/g)]);
  return new Set(declared.map((found) => found[1] ?? ''));
}

/** Java's `==` between two names that are declared as `String`. */
function comparesIdentity(texts: Set<string>, code: string): boolean {
  const compared = /\b(\w+)\s*[!=]=\s*(\w+)\b/.exec(code);
  return texts.has(compared?.[1] ?? '') && texts.has(compared?.[2] ?? '');
}

/** The name something is divided by, when nothing in the same function tests it first. */
function unguardedDivisor(source: Source, line: number): string | undefined {
  const code = source.lines[line]?.code ?? '';
  const found =
    /[\w)\]]\s*(?:\/\/?|%)\s*(?:len\((\w+)\)|([A-Za-z_]\w*)(?:\.(?:length|size\(\)|len\(\)))?)/.exec(code);
  const name = found?.[1] ?? found?.[2];
  if (name === undefined || /^[A-Z_0-9]+$/.test(name)) return undefined;
  const from = source.functions.findLast((each) => each.start <= line && line < each.end)?.start ?? 0;
  const before = source.lines.slice(Math.max(from, line - MAX_BLOCK), line + 1).map((each) => each.code);
  const guard = new RegExp(
    `\\b(?:if|while|elif|assert|for|except|catch)\\b.*\\b${name}\\b|\\b${name}\\b[^=]*\\?|\\b${name}\\s*=\\s*[1-9]`,
  );
  return before.some((text) => guard.test(text)) ? undefined : name;
}

function isNestedSearch(source: Source, line: number): boolean {
  if (!/^\s*(?:for|while)\b/.test(source.lines[line]?.code ?? '')) return false;
  const inner = blockAt(source, line).slice(1);
  const searches = /\.(?:index|count|indexOf|includes|contains)\(/;
  return inner.some((text) => /^\s*for\b.*(?:range\(\s*len|;\s*\w+\s*<)/.test(text) || searches.test(text));
}

function blockAt(source: Source, line: number): string[] {
  const end = source.family === 'python' ? endOfIndent(source.lines, line) : endOfBraces(source.lines, line);
  return source.lines.slice(line, Math.min(end, line + MAX_BLOCK)).map((each) => each.code);
}
