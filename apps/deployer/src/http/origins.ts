import { type OriginPolicy, loopbackHosts } from '@cloudemy/service';
import cors from 'cors';
import type { RequestHandler } from 'express';
import type { DeployerConfig } from '../config.js';

const loopback = /^(127(\.\d{1,3}){3}|::1|localhost)$/;

/** On loopback only its own names are answered to, against pages whose domain was rebound to it. */
export function originPolicy({ HOST, CORS_ORIGINS, PUBLIC_HOSTS }: DeployerConfig): OriginPolicy {
  return {
    allowedOrigins: CORS_ORIGINS,
    ...(loopback.test(HOST) ? { allowedHosts: [...loopbackHosts, ...PUBLIC_HOSTS] } : {}),
  };
}

export function corsHeaders(origins: readonly string[]): RequestHandler {
  return cors({
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'Last-Event-ID', 'Traceparent', 'X-Request-Id'],
    exposedHeaders: ['Location', 'X-Request-Id', 'Retry-After'],
    maxAge: 600,
  });
}
