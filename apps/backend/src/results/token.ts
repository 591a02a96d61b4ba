import { type KeyObject, createHmac, createSecretKey } from 'node:crypto';
import { type Clock, ownClock } from '@cloudemy/mongo';
import { ProblemError } from '@cloudemy/service';
import type { RequestHandler, Response } from 'express';
import { SignJWT, decodeProtectedHeader, jwtVerify } from 'jose';
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
  /** An object, which jose makes ready once, and not for each token. */
  secret: KeyObject;
}

const Claims = z.object({ sub: z.string(), attempt: z.int().min(1) });

/** Signs and checks the `X-Result-Token` of each attempt. */
export class ResultTokens {
  private readonly current: Key;
  private readonly keys: readonly Key[];

  private readonly ttlMs: number;
  /** The time of MongoDB: replicas must agree when a token ends. */
  private readonly now: Clock;

  /** @param previous still accepted while the secret is being rotated */
  constructor(secret: string, previous: string | undefined, ttlMs: number, now: Clock = ownClock) {
    this.ttlMs = ttlMs;
    this.now = now;

    this.current = keyOf(secret);
    this.keys = previous === undefined ? [this.current] : [this.current, keyOf(previous)];
  }

  sign({ submissionId, attempt }: ResultGrant): Promise<string> {
    const now = this.now();
    return new SignJWT({ attempt })
      .setProtectedHeader({ alg: algorithm, kid: this.current.kid })
      .setSubject(submissionId)
      .setAudience(audience)
      .setIssuedAt(now)
      .setExpirationTime(new Date(now.getTime() + this.ttlMs))
      .sign(this.current.secret);
  }

  /** @throws ProblemError `invalid_result_token` saying what is wrong with it */
  async verify(token: string | undefined): Promise<ResultGrant> {
    if (token === undefined || token === '') throw invalidToken('is missing');
    try {
      const { payload } = await jwtVerify(token, this.keyFor(token).secret, {
        algorithms: [algorithm],
        audience,
        currentDate: this.now(),
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
    secret: createSecretKey(secret, 'utf8'),
  };
}

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
