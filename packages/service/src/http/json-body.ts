import { isUtf8 } from 'node:buffer';
import express, { type RequestHandler } from 'express';
import { ProblemError } from './problem-error.js';
import { announcesBody, wholeBody } from './whole-body.js';

/**
 * Parses JSON bodies of at most `limitBytes`.
 * Refuses other media types, text that is not UTF-8 and what is not JSON, each in words.
 */
export function jsonBody(limitBytes: number): RequestHandler {
  const parse = wholeBody(
    express.json({
      limit: limitBytes,
      strict: false,
      type: 'application/json',
      verify: (_req, _res, bytes) => {
        if (!isUtf8(bytes)) {
          throw new ProblemError('malformed_json', {
            detail: 'The body is not valid UTF-8. Send JSON as UTF-8.',
          });
        }
      },
    }),
  );
  return (req, res, next) => {
    if (announcesBody(req) && req.is('application/json') === false) {
      throw new ProblemError('unsupported_media_type', {
        detail: `The body is ${req.get('content-type') ?? 'of no stated type'}. Send application/json.`,
        headers: { Connection: 'close' },
      });
    }
    const charset = /;\s*charset="?([^";\s]+)/i.exec(req.get('content-type') ?? '')?.[1];
    if (charset !== undefined && charset.toLowerCase() !== 'utf-8') {
      throw new ProblemError('unsupported_media_type', {
        detail: `The body is in ${charset.slice(0, 40)}. Send JSON as UTF-8.`,
        headers: { Connection: 'close' },
      });
    }
    parse(req, res, next);
  };
}
