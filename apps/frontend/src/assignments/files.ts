import type { FileCreate } from '@cloudemy/contracts';

/** Bytes of one request's files: the server says more exactly what it takes. */
export const mostBytes = 4 * 1_024 * 1_024;

/** A file as people have it, for a request: text as text, what is none in base64. */
export async function fileOf(
  file: File,
): Promise<{ path: string; content: string; encoding: FileCreate['encoding'] }> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const path = file.webkitRelativePath === '' ? file.name : file.webkitRelativePath;
  try {
    return { path, content: new TextDecoder('utf-8', { fatal: true }).decode(bytes), encoding: 'utf-8' };
  } catch {
    return { path, content: base64Of(bytes), encoding: 'base64' };
  }
}

/** In pieces: a whole file would be too many arguments. */
export function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8_192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return btoa(text);
}
