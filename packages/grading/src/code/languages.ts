import type { Language } from '@cloudemy/contracts';

/** From a mark to its end; `nested` where the language counts marks inside of it. */
export interface BlockForm {
  open: string;
  close: string;
  nested?: true;
}

export interface StringForm {
  open: string;
  close: string;
  /** A backslash takes the next character with it. */
  escapes?: true;
  /** Without it a string ends with its line at the latest. */
  lines?: true;
  /** Opens a string only when one character, or one escape, stands before the end: else it is something else. */
  oneCharacter?: true;
}

/** By what a language tells comments and strings from code. Longer marks stand before those they begin with. */
export interface LanguageForms {
  line: readonly string[];
  /** A line comment begins only where a word could. */
  lineAfterSpace?: true;
  blocks: readonly BlockForm[];
  strings: readonly StringForm[];
}

const double: StringForm = { open: '"', close: '"', escapes: true };
const single: StringForm = { open: "'", close: "'", escapes: true };
const character: StringForm = { ...single, oneCharacter: true };
const backticks: StringForm = { open: '`', close: '`', escapes: true, lines: true };
const acrossLines = (form: StringForm): StringForm => ({ ...form, lines: true });
const tripled = (quote: string): StringForm => ({
  open: quote.repeat(3),
  close: quote.repeat(3),
  escapes: true,
  lines: true,
});

const slashes: BlockForm = { open: '/*', close: '*/' };
const nestedSlashes: BlockForm = { ...slashes, nested: true };

const cLike: LanguageForms = { line: ['//'], blocks: [slashes], strings: [double, single] };
const hashes: LanguageForms = { line: ['#'], blocks: [], strings: [double, single].map(acrossLines) };

const ecma: LanguageForms = { ...cLike, strings: [double, single, backticks] };
const jvm: LanguageForms = { ...cLike, blocks: [nestedSlashes], strings: [tripled('"'), double, character] };

/** Every language that a submission can be in. */
export const languages: Readonly<Record<Language, LanguageForms>> = {
  bash: { ...hashes, lineAfterSpace: true },
  c: cLike,
  cpp: cLike,
  csharp: { ...cLike, strings: [tripled('"'), { open: '@"', close: '"', lines: true }, double, single] },
  css: { ...cLike, line: [] },
  dart: { ...cLike, blocks: [nestedSlashes], strings: [tripled('"'), tripled("'"), double, single] },
  elixir: { ...hashes, strings: [tripled('"'), tripled("'"), acrossLines(double), acrossLines(single)] },
  go: { ...cLike, strings: [double, single, { open: '`', close: '`', lines: true }] },
  haskell: {
    line: ['--'],
    blocks: [{ open: '{-', close: '-}', nested: true }],
    strings: [double, character],
  },
  html: { line: [], blocks: [{ open: '<!--', close: '-->' }], strings: [] },
  java: { ...cLike, strings: [tripled('"'), double, single] },
  javascript: ecma,
  julia: {
    line: ['#'],
    blocks: [{ open: '#=', close: '=#', nested: true }],
    strings: [tripled('"'), acrossLines(double), character],
  },
  kotlin: jvm,
  lua: {
    line: ['--'],
    blocks: [{ open: '--[[', close: ']]' }],
    strings: [{ open: '[[', close: ']]', lines: true }, double, single],
  },
  matlab: { line: ['%'], blocks: [{ open: '%{', close: '%}' }], strings: [double, character] },
  ocaml: {
    line: [],
    blocks: [{ open: '(*', close: '*)', nested: true }],
    strings: [acrossLines(double), character],
  },
  perl: { ...hashes, lineAfterSpace: true },
  php: { ...cLike, line: ['//', '#'], strings: [acrossLines(double), acrossLines(single)] },
  powershell: { ...hashes, blocks: [{ open: '<#', close: '#>' }] },
  python: { ...hashes, strings: [tripled('"'), tripled("'"), double, single] },
  r: hashes,
  ruby: { ...hashes, blocks: [{ open: '\n=begin', close: '\n=end' }] },
  rust: { ...cLike, blocks: [nestedSlashes], strings: [acrossLines(double), character] },
  scala: jvm,
  sql: { line: ['--'], blocks: [slashes], strings: [{ open: "'", close: "'", lines: true }, double] },
  swift: { ...cLike, blocks: [nestedSlashes], strings: [tripled('"'), double] },
  typescript: ecma,
};
