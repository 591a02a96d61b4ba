import { isUtf8 } from 'node:buffer';
import { type BodyLimit, type RouteSpec, defaultBodyLimit } from '@cloudemy/contracts';
import express, { type RequestHandler } from 'express';
import { jsonExcess } from './json-excess.js';
import { ProblemError } from './problem-error.js';
import { announcesBody, wholeBody } from './whole-body.js';

export interface JsonBodyOptions extends BodyLimit {
  /** Whether gzip, deflate and br are taken: a little compressed text can hold very much. */
  readonly compressed: boolean;
}

/**
 * What reads the body of a route, within the limits of its contract; nothing for a route without one. Who has shown
 * nothing yet may not send compressed bodies.
 *
 * @param bytes instead of the contract's, where the configuration decides
 */
export function routeBody(route: RouteSpec, bytes?: number): RequestHandler[] {
  if (route.body === undefined) return [];
  const limit = route.bodyLimit ?? defaultBodyLimit;
  return [jsonBody({ ...limit, bytes: bytes ?? limit.bytes, compressed: route.auth !== 'public' })];
}

/** Parses JSON bodies. Refuses other media types, text that is not UTF-8 and what is not JSON, each in words. */
export function jsonBody({ bytes: limit, values, compressed }: JsonBodyOptions): RequestHandler {
  const parse = wholeBody(
    express.json({
      limit,
      strict: false,
      inflate: compressed,
      type: 'application/json',
      verify: (_req, _res, bytes) => {
        if (!isUtf8(bytes)) {
          throw new ProblemError('malformed_json', {
            detail: 'The body is not valid UTF-8. Send JSON as UTF-8.',
          });
        }
        const excess = jsonExcess(bytes, values);
        if (excess !== undefined) {
          throw new ProblemError('too_large', { detail: `The body ${excess}. Send less.` });
        }
      },
    }),
  );
  return (req, res, next) => {
    if (announcesBody(req) && req.is('application/json') === false) {
      throw refused(
        `The body is ${req.get('content-type')?.slice(0, 200) ?? 'of no stated type'}. Send application/json.`,
      );
    }
    const charset = /;\s*charset="?([^";\s]+)/i.exec(req.get('content-type') ?? '')?.[1];
    if (charset !== undefined && charset.toLowerCase() !== 'utf-8') {
      throw refused(`The body is in ${charset.slice(0, 40)}. Send JSON as UTF-8.`);
    }
    if (!compressed && (req.get('content-encoding') ?? 'identity').toLowerCase() !== 'identity') {
      throw refused('Compressed bodies are not taken here. Send it without Content-Encoding.');
    }
    parse(req, res, next);
  };
}

/** The body is not read, so the connection cannot go on. */
const refused = (detail: string): ProblemError =>
  new ProblemError('unsupported_media_type', { detail, headers: { Connection: 'close' } });
