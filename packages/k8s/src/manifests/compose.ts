import { Composer, type CST, type Document, Lexer, type LineCounter, Parser } from 'yaml';
import { ManifestFault } from './problem.js';

export interface ComposeLimits {
  maxDocuments: number;
  maxDepth: number;
  maxNodes: number;
}

/** Words, marks, spaces and line ends per value of ordinary YAML: about four. */
const LEXEMES_PER_NODE = 8;

/** Words after which others get a turn. */
const LEXEMES_PER_TURN = 5_000;

/**
 * Text to documents, one at a time, within limits that are checked word by word: the library would take
 * seconds over a megabyte of brackets, and exhaust the stack on it.
 * @returns undefined where others may have a turn before it continues
 * @throws {ManifestFault} for too many documents, levels or words
 */
export function* composeDocuments(
  text: string,
  lines: LineCounter,
  limits: ComposeLimits,
): Generator<Document.Parsed | undefined> {
  // Words are resolved by our own rules (see scalar.ts), keys are compared there too: the library's
  // comparison takes quadratic time.
  const composer = new Composer({ schema: 'failsafe', uniqueKeys: false, lineCounter: lines });
  for (const token of parseTokens(text, limits)) {
    if (token === undefined) yield undefined;
    else yield* composer.next(token);
  }
  yield* composer.end(false, text.length);
}

function* parseTokens(text: string, limits: ComposeLimits): Generator<CST.Token | undefined> {
  const parser = new Parser();
  const maxLexemes = limits.maxNodes * LEXEMES_PER_NODE;
  let lexemes = 0;
  let documents = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) {
      if (token.type === 'document') documents += 1;
      yield token;
    }
    // The stack holds the open document and one entry per open list, object or value.
    if (parser.stack.length > limits.maxDepth + 2) {
      throw new ManifestFault('too_deep', `nested more than ${limits.maxDepth} levels deep`, parser.offset);
    }
    if (documents >= limits.maxDocuments && parser.stack.length > 0) {
      throw new ManifestFault(
        'too_many_documents',
        `more than ${limits.maxDocuments} documents`,
        parser.offset,
      );
    }
    if (++lexemes % LEXEMES_PER_TURN === 0) yield undefined;
    if (lexemes > maxLexemes) {
      throw new ManifestFault(
        'too_many_nodes',
        `the YAML has more than ${limits.maxNodes} values`,
        parser.offset,
      );
    }
  }
  yield* parser.end();
}
