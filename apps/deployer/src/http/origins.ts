import { type OriginPolicy, answeredHosts } from '@cloudemy/service';
import cors from 'cors';
import type { RequestHandler } from 'express';
import type { DeployerConfig } from '../config.js';

/**
 * Pages of which origins may call, and under which names. While nobody is asked who they are only the service's own
 * names are answered to, against pages whose domain was rebound to its address.
 */
export function originPolicy({
  AUTH_MODE,
  CORS_ORIGINS,
  PUBLIC_HOSTS,
  PUBLIC_URL,
}: Pick<DeployerConfig, 'AUTH_MODE' | 'CORS_ORIGINS' | 'PUBLIC_HOSTS' | 'PUBLIC_URL'>): OriginPolicy {
  const own = PUBLIC_URL === undefined ? [] : [new URL(PUBLIC_URL)];
  return {
    allowedOrigins: [...CORS_ORIGINS, ...own.map(({ origin }) => origin)],
    ...answeredHosts(AUTH_MODE, [...PUBLIC_HOSTS, ...own.map(({ hostname }) => hostname)]),
  };
}

export function corsHeaders(origins: readonly string[]): RequestHandler {
  return cors({
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'Last-Event-ID', 'Traceparent', 'X-Request-Id'],
    exposedHeaders: [
      'Location',
      'X-Request-Id',
      'Traceresponse',
      'Retry-After',
      'RateLimit',
      'RateLimit-Policy',
      'WWW-Authenticate',
    ],
    maxAge: 600,
  });
}
