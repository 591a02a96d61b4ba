import type { IncomingMessage } from 'node:http';
import { ApiError } from '../store/api-error.js';

/** Bytes; the limit of a real API server. */
const LIMIT = 3 * 1024 * 1024;

function tooLarge(): ApiError {
  return new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${LIMIT}`);
}

/**
 * Reads a request's body.
 * @throws ApiError 413 beyond 3 MiB; what follows is read and thrown away so that the answer arrives.
 */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= LIMIT) {
        chunks.push(chunk);
      } else {
        chunks.length = 0;
        reject(tooLarge());
      }
    });
    request.on('end', () => {
      const [only] = chunks;
      resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks));
    });
    request.on('error', reject);
    request.on('aborted', () => {
      reject(new ApiError(400, 'BadRequest', 'the request was cut off'));
    });
  });
}
