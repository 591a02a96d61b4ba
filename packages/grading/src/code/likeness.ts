import { type Handed, partsOf } from './parts.js';
import { tokensOf } from './lexer.js';

/**
 * What was handed in, without what makes no difference to a reader of code: comments, blank lines, space at the ends of
 * lines, more than one space within them. Two with the same text are the same work, differently typed. How far a line
 * is indented stays, for it means something in some languages.
 */
export function likenessOf(handed: Handed): string {
  return partsOf(handed)
    .map(({ text, language }) => normalised(language === null ? text : withoutComments(text, language)))
    .join('\0');
}

function withoutComments(text: string, language: Handed['language']): string {
  return tokensOf(text, language)
    .map(({ kind, start, end }) => (kind === 'comment' ? '' : text.slice(start, end)))
    .join('');
}

function normalised(text: string): string {
  return text
    .normalize('NFC')
    .split(/\r\n?|\n/)
    .flatMap((line) => {
      const [, indent = '', rest = ''] = /^([ \t]*)(.*)$/.exec(line) ?? [];
      const words = rest.trim().replaceAll(/\s+/g, ' ');
      return words === '' ? [] : [indent.replaceAll('\t', '    ') + words];
    })
    .join('\n');
}
