import { expect, test } from '@jest/globals';
import { Language } from '@cloudemy/contracts';
import fc from 'fast-check';
import { tokensOf } from './lexer.js';

const partsOf = (text: string, language: Language): Record<'code' | 'comment' | 'string', string> => {
  const parts = { code: '', comment: '', string: '' };
  for (const { kind, start, end } of tokensOf(text, language)) parts[kind] += text.slice(start, end);
  return parts;
};

test.each<[Language, string, { comment: string; string: string }]>([
  ['python', 'x = 1 # one\n"""doc # no"""\ny = "#"', { comment: '# one', string: '"""doc # no""""#"' }],
  ['python', "s = 'it\\'s' # end", { comment: '# end', string: "'it\\'s'" }],
  ['javascript', 'a = `// ${b}`; // c\n/* d */ e', { comment: '// c/* d */', string: '`// ${b}`' }],
  ['c', 'char *s = "/*"; /* x /* y */ z();', { comment: '/* x /* y */', string: '"/*"' }],
  ['rust', "fn f<'a>(x: &'a str) { /* a /* b */ c */ 'x' }", { comment: '/* a /* b */ c */', string: "'x'" }],
  ['go', 'a := `\\`; // b', { comment: '// b', string: '`\\`' }],
  ['haskell', "f x' = x -- y\n{- a {- b -} c -}", { comment: '-- y{- a {- b -} c -}', string: '' }],
  ['sql', "SELECT 'it''s' -- all\n/* x */", { comment: '-- all/* x */', string: "'it''s'" }],
  ['lua', 'a = [[--]] --[[ b ]] c -- d', { comment: '--[[ b ]]-- d', string: '[[--]]' }],
  ['bash', 'echo ${#a} "x" # y', { comment: '# y', string: '"x"' }],
  ['ruby', 'a\n=begin\nb\n=end\nc # d', { comment: '\n=begin\nb\n=end# d', string: '' }],
  ['html', '<p>it\'s "x"</p><!-- y -->', { comment: '<!-- y -->', string: '' }],
  ['php', '# a\n$b = "c"; // d', { comment: '# a// d', string: '"c"' }],
  ['ocaml', "(* a (* b *) c *) let x = 'y'", { comment: '(* a (* b *) c *)', string: "'y'" }],
  ['matlab', "a = b'; % c", { comment: '% c', string: '' }],
  ['csharp', 'a = @"\\"; // b', { comment: '// b', string: '@"\\"' }],
  ['java', 'String s = "unclosed\nint x; // y', { comment: '// y', string: '"unclosed' }],
])('%s: %s', (language, text, expected) => {
  expect(partsOf(text, language)).toMatchObject(expected);
});

test('every character is of one kind, in every language, whatever the text', () => {
  const marks = fc.constantFrom(
    '"',
    "'",
    '`',
    '#',
    '//',
    '/*',
    '*/',
    '--',
    '{-',
    '(*',
    '<!--',
    '\\',
    '\n',
    '"""',
    '[[',
    'x',
  );
  const texts = fc.array(fc.oneof(marks, fc.string({ unit: 'binary' })), { maxLength: 40 });
  fc.assert(
    fc.property(texts, fc.constantFrom(...Language.options), (pieces, language) => {
      const text = pieces.join('');
      const tokens = tokensOf(text, language);
      expect(tokens.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text);
      for (const { start, end } of tokens) expect(end).toBeGreaterThan(start);
    }),
  );
});
