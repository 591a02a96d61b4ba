import type { RequestHandler } from 'express';
import { ApiError } from './errors.js';

/** Takes any bearer key, except one that holds `refused` or `invalid`, so that a refused key can be shown. */
export const requireKey: RequestHandler = (request, _response, next) => {
  const key = /^Bearer\s+(\S+)\s*$/i.exec(request.get('authorization') ?? '')?.[1];
  if (key === undefined) {
    const message = "You didn't provide an API key in an Authorization header with Bearer auth.";
    throw new ApiError(401, message, { type: 'invalid_request_error' });
  }
  if (/refused|invalid/i.test(key)) {
    throw wrongKey(`${key.slice(0, 4)}***`);
  }
  next();
};

/** The 401 of a key that the account does not know, or not any more. */
export function wrongKey(shown: string): ApiError {
  const message = `Incorrect API key provided: ${shown}.`;
  return new ApiError(401, message, { type: 'invalid_request_error', code: 'invalid_api_key' });
}

/** Answers 429 to a request that comes while `most` others are being answered. */
export function limitConcurrency(most: number): RequestHandler {
  let inFlight = 0;
  return (_request, response, next) => {
    if (inFlight >= most) throw rateLimited(`More than ${most} requests at once.`);
    inFlight += 1;
    response.once('close', () => {
      inFlight -= 1;
    });
    next();
  };
}

/** The 429 that a client may try again after a second. */
export function rateLimited(message: string): ApiError {
  return new ApiError(429, message, {
    type: 'requests',
    code: 'rate_limit_exceeded',
    headers: { 'retry-after': '1' },
  });
}

/** The 429 of an account without credit: trying again does not help. */
export function quotaExceeded(): ApiError {
  return new ApiError(429, 'You exceeded your current quota, please check your plan and billing details.', {
    type: 'insufficient_quota',
    code: 'insufficient_quota',
    headers: { 'retry-after': '60' },
  });
}
