import { EndpointError } from './endpoint-error.js';

/** Bytes of an answer that are read: a hundred times what a grade takes. */
const maxBytes = 8 * 1_024 * 1_024;

/**
 * A `fetch` that has read the whole answer before it returns, so that a body that breaks off, is packed wrongly or
 * never ends fails like a connection does, and within the same time limit.
 *
 * @throws EndpointError for a status that is no success; what `fetch` throws
 */
export async function fetchWhole(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  // A redirect would turn the POST into a GET: it says that the base URL is not the right one.
  const answer = await fetch(input, { ...init, redirect: 'manual' });
  const text = await bounded(answer);
  if (answer.status < 200 || answer.status > 299) {
    const location = answer.headers.get('location');
    const body = location === null ? parsed(text) : `it redirects to ${location}`;
    throw new EndpointError(answer.status, body, answer.headers);
  }
  const headers = new Headers(answer.headers);
  // The text is unpacked and whole by now.
  for (const name of ['content-encoding', 'content-length', 'transfer-encoding']) headers.delete(name);
  return new Response(text, { status: 200, headers });
}

async function bounded(answer: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** JSON where it is some, else the text: pages of proxies say in words what is wrong. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
