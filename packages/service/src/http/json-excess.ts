/** Levels that a JSON body may nest; contracts need a handful. */
const maxDepth = 32;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const opening = new Set([0x5b, 0x7b]);
const closing = new Set([0x5d, 0x7d]);

/**
 * Why a JSON text is more than a route takes, before anything is built from it: parsing and checking what is very
 * deep or very wide would hold up everybody else.
 *
 * @param maxValues counted by commas and opening brackets, so that an empty list counts twice
 * @returns a clause about the body; undefined when there is nothing against it
 */
export function jsonExcess(json: Uint8Array, maxValues: number): string | undefined {
  let depth = 0;
  let values = 1;
  let inString = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] ?? 0;
    if (inString) {
      if (byte === backslash) at += 1;
      else inString = byte !== quote;
    } else if (byte === quote) inString = true;
    else if (opening.has(byte)) {
      depth += 1;
      values += 1;
    } else if (closing.has(byte)) depth -= 1;
    else if (byte === comma) values += 1;
    if (depth > maxDepth) return `nests deeper than ${maxDepth} levels`;
    if (values > maxValues) return `holds more than ${maxValues} values`;
  }
  return undefined;
}
