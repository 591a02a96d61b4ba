import type { Language } from '@cloudemy/contracts';
import { type BlockForm, type LanguageForms, type StringForm, languages } from './languages.js';

/** What a character of a program belongs to. */
export type TokenKind = 'code' | 'comment' | 'string';

/** A stretch of one kind. */
export interface Token {
  kind: TokenKind;
  /** Its first character, and the one behind its last. */
  start: number;
  end: number;
}

/**
 * Splits a program into code, comments and strings, from end to end. Knows the marks of each language and not its
 * grammar: what a regular expression or a heredoc holds may be taken for another kind.
 */
export function tokensOf(text: string, language: Language): Token[] {
  const forms = languages[language];
  const tokens: Token[] = [];
  let from = 0;
  const add = (kind: TokenKind, start: number, end: number): void => {
    if (start > from) tokens.push({ kind: 'code', start: from, end: start });
    if (end > start) tokens.push({ kind, start, end });
    from = end;
  };
  const starts = startsOf(forms);
  for (let at = 0; at < text.length;) {
    const found = starts.has(text[at] ?? '')
      ? (commentAt(text, at, forms) ?? stringAt(text, at, forms))
      : undefined;
    if (found === undefined) at += 1;
    else {
      add(found.kind, at, found.end);
      at = found.end;
    }
  }
  add('code', text.length, text.length);
  return tokens;
}

/** What a mark can begin with: most characters need no closer look. */
const startsOf = ({ line, blocks, strings }: LanguageForms): ReadonlySet<string> =>
  new Set([...line, ...[...blocks, ...strings].map(({ open }) => open)].map((mark) => mark.charAt(0)));

interface Found {
  kind: TokenKind;
  end: number;
}

function commentAt(text: string, at: number, forms: LanguageForms): Found | undefined {
  const block = forms.blocks.find(({ open }) => text.startsWith(open, at));
  if (block !== undefined) return { kind: 'comment', end: endOfBlock(text, at, block) };
  const isLine = forms.line.some((mark) => text.startsWith(mark, at));
  if (!isLine || (forms.lineAfterSpace === true && !/[\s;(]/.test(text[at - 1] ?? '\n'))) return undefined;
  return { kind: 'comment', end: endOfLine(text, at) };
}

function endOfBlock(text: string, start: number, { open, close, nested }: BlockForm): number {
  let depth = 1;
  for (let at = start + open.length; at < text.length; at += 1) {
    if (text.startsWith(close, at)) {
      depth -= 1;
      if (depth === 0) return at + close.length;
      at += close.length - 1;
    } else if (nested === true && text.startsWith(open, at)) {
      depth += 1;
      at += open.length - 1;
    }
  }
  return text.length;
}

function stringAt(text: string, at: number, { strings }: LanguageForms): Found | undefined {
  const form = strings.find((each) => text.startsWith(each.open, at));
  if (form === undefined) return undefined;
  const end = form.oneCharacter === true ? endOfCharacter(text, at) : endOfString(text, at, form);
  return end === undefined ? undefined : { kind: 'string', end };
}

function endOfString(text: string, start: number, { open, close, escapes, lines }: StringForm): number {
  for (let at = start + open.length; at < text.length; at += 1) {
    if (escapes === true && text[at] === '\\') at += 1;
    else if (text.startsWith(close, at)) return at + close.length;
    else if (lines !== true && text[at] === '\n') return at;
  }
  return text.length;
}

/** `'x'` and `'\n'`; in some languages a single apostrophe is something else (a lifetime, a transposition). */
function endOfCharacter(text: string, at: number): number | undefined {
  const found = /^'(?:\\[^\n']{1,10}|\\'|[^'\\\n]{1,2})'/.exec(text.slice(at, at + 14));
  return found === null ? undefined : at + found[0].length;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}
