import { type KeyObject, createHmac, createSecretKey } from 'node:crypto';
import { ProblemError } from '@cloudemy/service';
import type { RequestHandler, Response } from 'express';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { z } from 'zod';

/** What a token allows: to write the result of one attempt of one submission. */
export interface ResultGrant {
  submissionId: string;
  attempt: number;
}

const audience = 'result';
const algorithm = 'HS256';

interface Key {
  /** Tells the secrets apart and nothing about them. */
  kid: string;
  /** The encoded header of what it signs. */
  header: string;
  /** An object, which jose makes ready once, and not for each token. */
  secret: KeyObject;
}

const Claims = z.object({ sub: z.string(), attempt: z.int().min(1) });

/** Signs and checks the `X-Result-Token` of each attempt. */
export class ResultTokens {
  private readonly current: Key;
  private readonly keys: readonly Key[];

  private readonly ttlMs: number;

  /** @param previous still accepted while the secret is being rotated */
  constructor(secret: string, previous: string | undefined, ttlMs: number) {
    this.ttlMs = ttlMs;

    this.current = keyOf(secret);
    this.keys = previous === undefined ? [this.current] : [this.current, keyOf(previous)];
  }

  /**
   * Not by jose, which hands each signature to another thread and takes the key apart again for it: a claim asks for a
   * hundred. A JWS in compact form, https://www.rfc-editor.org/rfc/rfc7515#section-3.1
   */
  sign({ submissionId, attempt }: ResultGrant): string {
    const now = Date.now();
    const claims = {
      attempt,
      sub: submissionId,
      aud: audience,
      iat: Math.floor(now / 1_000),
      exp: Math.floor((now + this.ttlMs) / 1_000),
    };
    const signed = `${this.current.header}.${base64url(claims)}`;
    return `${signed}.${createHmac('sha256', this.current.secret).update(signed).digest('base64url')}`;
  }

  /** @throws ProblemError `invalid_result_token` saying what is wrong with it */
  async verify(token: string | undefined): Promise<ResultGrant> {
    if (token === undefined || token === '') throw invalidToken('is missing');
    try {
      const { payload } = await jwtVerify(token, this.keyFor(token).secret, {
        algorithms: [algorithm],
        audience,
        requiredClaims: ['exp', 'sub'],
      });
      const { sub, attempt } = Claims.parse(payload);
      return { submissionId: sub, attempt };
    } catch (cause) {
      const expired = cause instanceof Error && 'code' in cause && cause.code === 'ERR_JWT_EXPIRED';
      throw invalidToken(expired ? 'has expired' : 'is not valid', cause);
    }
  }

  /** The key the token names; a wrong signature shows when it is checked. */
  private keyFor(token: string): Key {
    const { kid } = decodeProtectedHeader(token);
    return this.keys.find((key) => key.kid === kid) ?? this.current;
  }
}

function keyOf(secret: string): Key {
  const named = createHmac('sha256', secret).update('cloudemy result token kid').digest('base64url');
  const kid = named.slice(0, 8);
  return {
    kid,
    header: base64url({ alg: algorithm, kid }),
    secret: createSecretKey(secret, 'utf8'),
  };
}

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const grants = new WeakMap<Response, ResultGrant>();

/** Lets in whoever holds the token of the submission in the path, before anything else is looked at. */
export function requireResultToken(tokens: ResultTokens): RequestHandler {
  return async (req, res, next) => {
    const grant = await tokens.verify(req.get('x-result-token'));
    if (grant.submissionId !== req.params['submission_id']) throw invalidToken('is for another submission');
    grants.set(res, grant);
    next();
  };
}

/**
 * What the token of this request allows.
 *
 * @throws ProblemError `invalid_result_token` when the route does not check tokens
 */
export function grantOf(res: Response): ResultGrant {
  const grant = grants.get(res);
  if (grant === undefined) throw invalidToken('is missing');
  return grant;
}

export function invalidToken(fault: string, cause?: unknown): ProblemError {
  return new ProblemError('invalid_result_token', {
    detail: `The X-Result-Token ${fault}. Send the INTERNAL_RESULT_TOKEN of this attempt.`,
    cause,
  });
}
