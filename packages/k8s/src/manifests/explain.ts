/** What the YAML library says, in the words of whoever wrote the line. Its own may repeat the text, which can be a Secret's. */
const WORDS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'a tab cannot indent YAML: use spaces',
  BAD_INDENT: 'this line stands under no other: indent it like its neighbours',
  MULTILINE_IMPLICIT_KEY: 'here a key with its colon is expected: is the colon missing, or is this no YAML?',
  BLOCK_AS_IMPLICIT_KEY:
    'a second "key: value" is taken for a part of this line: indent the next line like its neighbours, or quote the value if the colon is part of it',
  BAD_SCALAR_START: 'a value cannot begin like this: quote it',
  IMPOSSIBLE: 'a value cannot begin like this: quote it',
  MISSING_CHAR: 'a bracket, a quote or a comma is missing before this place',
  BLOCK_IN_FLOW: 'within brackets no indented block can begin: is a closing bracket missing?',
  MULTIPLE_ANCHORS: 'a value can have one anchor only',
  MULTIPLE_DOCS: 'another document begins without a line of three dashes (---) before it',
};

export function explain(code: string, message: string): string {
  const words = WORDS[code];
  if (words !== undefined) return words;
  if (code === 'UNEXPECTED_TOKEN') {
    const what = (message.split(/: | "/)[0] ?? message).trim();
    return /^Unexpected (flow|block)-\w+(-\w+)* at node end$/.test(what)
      ? 'something follows a value that is complete: between two objects a line of three dashes (---) is needed'
      : what;
  }
  // The library adds the place and an excerpt, both of which are given separately.
  return (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
}
