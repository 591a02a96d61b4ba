/**
 * What people paste along with YAML: the fence of a Markdown page, the command around a heredoc, the spaces of a web
 * page. Only asked about text that is no YAML: the same lines may stand in a ConfigMap.
 */

const send = 'send only what is between';

const WRAPPINGS: readonly (readonly [RegExp, string])[] = [
  [/^(```|~~~)/, `this is the fence of a Markdown page, not YAML: ${send} the fences`],
  [
    /<<[-~]?\s*\\?['"]?\w+['"]?/,
    `this is a shell command with a heredoc, not YAML: ${send} this line and the line that ends it`,
  ],
  [/^@['"]$|^['"]@/, `this is a here-string of PowerShell, not YAML: ${send} its two lines`],
  [
    /^([$#%>]\s+)?(sudo\s+)?(kubectl|oc|helm|k3s|microk8s|cat|echo|curl|docker)\s+[\w./-]/,
    'this is a shell command, not YAML: send the YAML alone',
  ],
  [
    /^(EOF|EOT|EOL|END|YAML)$/,
    'this line ends a heredoc of the shell: leave it out, and the command before it too',
  ],
  [
    /^(diff --git|@@ |[-+]{3} [ab]\/|[-+]\s*(apiVersion|kind|metadata|spec):)/,
    'this is a diff, not YAML: send the file itself',
  ],
  [/^(Error from server|error:|No resources found)/, 'this is what a command said, not YAML'],
];

/** Within quotes braces are text. */
const TEMPLATE = /^[^'"]*(\{\{|\{%|<%)/;
/** Spaces that look like one and are none to YAML. */
const ODD_SPACE = /[\u00A0\u1680\u2000-\u200B\u202F\u205F\u2060\u3000\uFEFF]/;
const ODD_INDENT = new RegExp(`^[ \\t]*${ODD_SPACE.source}`);
const ODD_AFTER_COLON = new RegExp(`^\\s*(- )*[\\w./-]+:${ODD_SPACE.source}`);
const ODD_DASH = new RegExp(`^\\s*-${ODD_SPACE.source}|^\\s*[\u2010-\u2015]\\s`);

/** Problems of this kind beyond these are not listed. */
const MOST = 10;

/** Lines (from 0) that are none of the YAML, with what they are. */
export function findWrappings(text: string): { line: number; message: string }[] {
  const lines = text.split('\n');
  const edge = lines.find((line) => line.trim() !== '')?.search(/\S/) ?? 0;
  const found: { line: number; message: string }[] = [];
  for (const [line, content] of lines.entries()) {
    // What stands further in than the first line may be part of a value.
    if (content.trim() === '' || content.search(/\S/) > edge) continue;
    const message = WRAPPINGS.find(([pattern]) => pattern.test(content.trim()))?.[1];
    if (message !== undefined) found.push({ line, message });
    if (found.length === MOST) break;
  }
  return found;
}

/** What is wrong with a line that is no YAML, when it is one of the slips of copying; else undefined. */
export function explainLine(content: string): string | undefined {
  if (TEMPLATE.test(content)) {
    return 'this is a template, not YAML: fill in what is in double braces first, as `helm template` does';
  }
  if (ODD_INDENT.test(content)) return `${odd(content)} indents this line: use plain spaces`;
  if (ODD_AFTER_COLON.test(content)) return `${odd(content)} follows the colon: use a plain space`;
  if (ODD_DASH.test(content)) return 'the dash of a list is a plain - with a plain space behind it';
  return undefined;
}

/** A key with such a space at its edge is not the key that was meant. */
export const oddKey = (key: string): string | undefined =>
  new RegExp(`^${ODD_SPACE.source}|${ODD_SPACE.source}$`).test(key)
    ? `${odd(key)} is part of this key: use plain spaces`
    : undefined;

function odd(text: string): string {
  const code = (ODD_SPACE.exec(text)?.[0].charCodeAt(0) ?? 0xa0).toString(16).toUpperCase().padStart(4, '0');
  return code === '00A0' ? 'a no-break space (U+00A0)' : `a space that is none to YAML (U+${code})`;
}
