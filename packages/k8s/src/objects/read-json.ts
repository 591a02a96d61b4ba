/**
 * JSON of the API server. To Kubernetes `null` in a field means the same as leaving the field out, and servers send
 * both (`startedAt: null`, `items: null`): here the field is `undefined` in either case, so that nothing that reads an
 * object has to know two forms of "not there".
 *
 * @throws SyntaxError for what is not JSON
 */
export function readJson(text: string) {
  const parsed = JSON.parse(text);
  // Most objects hold none, and looking for the word is much cheaper than walking through the object.
  if (text.includes('null')) nullToUndefined(parsed);
  return parsed;
}

/** Set and not deleted: objects of one shape stay of one shape to the engine. */
function nullToUndefined(root: unknown): void {
  const left: unknown[] = [root];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, child] of Object.entries(value)) {
      if (child === null) {
        if (!Array.isArray(value)) Object.assign(value, { [key]: undefined });
      } else if (typeof child === 'object') left.push(child);
    }
  }
}
