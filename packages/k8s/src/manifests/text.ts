import type { LineCounter } from 'yaml';
import { separateJson } from './json-stream.js';
import { ManifestFault } from './problem.js';

/**
 * Bytes or text as the text of YAML, with its lines counted.
 * @throws {ManifestFault} for too much of it, and for what is no text
 */
export function toText(input: string | Uint8Array, maxBytes: number, lines: LineCounter): string {
  const bytes = typeof input === 'string' ? Buffer.byteLength(input) : input.byteLength;
  if (bytes > maxBytes) {
    throw new ManifestFault('too_large', `the YAML has ${bytes} bytes; at most ${maxBytes} are taken`, 0);
  }
  // Files that were put together each bring a mark of their own, always at the beginning of a line.
  const text = separateJson(decode(input).replaceAll(/^\uFEFF/gm, ''));
  lines.addNewLine(0);
  for (const { index } of text.matchAll(/\n/g)) lines.addNewLine(index + 1);
  // Of the control characters YAML allows tab, line feed, carriage return and next line only.
  // oxlint-disable-next-line no-control-regex
  const control = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u0084\u0086-\u009F\uFFFE\uFFFF]/.exec(text);
  if (control !== null) {
    const code = control[0].charCodeAt(0).toString(16).padStart(4, '0');
    throw new ManifestFault(
      'not_text',
      `the control character U+${code} is not allowed in YAML`,
      control.index,
    );
  }
  return text;
}

function decode(input: string | Uint8Array): string {
  if (typeof input === 'string') {
    if (input.isWellFormed()) return input;
    throw new ManifestFault('not_text', 'the YAML holds half a surrogate pair: it is not valid Unicode', 0);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(input);
  } catch {
    throw new ManifestFault('not_text', 'the YAML is not valid UTF-8', 0);
  }
}
