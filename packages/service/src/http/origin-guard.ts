import { isIP } from 'node:net';
import type { RequestHandler } from 'express';
import { ProblemError } from './problem-error.js';

export interface OriginPolicy {
  /** Origins of pages that may call this service, such as `http://localhost:3000`. */
  allowedOrigins: readonly string[];
  /**
   * `Host` names this service answers to, without port; undefined for any. A service that asks nobody who they are
   * names its own, so that a page whose domain was rebound to its address reaches nothing. Addresses themselves
   * are always answered to: no page can be made to call its domain that.
   */
  allowedHosts?: readonly string[];
}

/** Names that a service listening on loopback is called by. */
export const loopbackHosts = ['localhost', '127.0.0.1', '[::1]'] as const;

/**
 * The `Host` names to answer to: while nobody is asked who they are only the service's own, wherever it listens (a
 * container's port is published on a laptop's loopback); any once everybody is asked.
 *
 * @param names by which it is called besides those of loopback and addresses
 */
export function answeredHosts(
  authMode: 'off' | 'jwt',
  names: readonly string[],
): Pick<OriginPolicy, 'allowedHosts'> {
  return authMode === 'off' ? { allowedHosts: [...loopbackHosts, ...names] } : {};
}

/** Whether a request with these headers may use the service; the reason when it may not. */
export function refuseOrigin(
  policy: OriginPolicy,
  headers: { origin?: string | undefined; host?: string | undefined },
): string | undefined {
  const { origin, host } = headers;
  const hostname = host?.replace(/:\d+$/, '').toLowerCase();
  if (policy.allowedHosts !== undefined && !isAnsweredTo(policy.allowedHosts, hostname)) {
    return `The host ${host ?? '(none)'} is not one this service answers to. Use one of: ${policy.allowedHosts.join(', ')}.`;
  }
  if (origin === undefined || policy.allowedOrigins.includes(origin)) return undefined;
  // A page that this service itself serves.
  if (host !== undefined && (origin === `http://${host}` || origin === `https://${host}`)) return undefined;
  return `Pages of ${origin} may not use this service. An operator can allow them with CORS_ORIGINS.`;
}

function isAnsweredTo(hosts: readonly string[], hostname = ''): boolean {
  return hosts.includes(hostname) || isIP(hostname.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

/** Turns away pages of foreign origins and rebound names before anything else looks at the request. */
export function originGuard(policy: OriginPolicy): RequestHandler {
  return (req, _res, next) => {
    if (req.get('host') === undefined && req.httpVersion !== '1.0') {
      throw new ProblemError('malformed_request', {
        detail: 'The request has no Host header, which HTTP/1.1 asks for.',
      });
    }
    const reason = refuseOrigin(policy, { origin: req.get('origin'), host: req.get('host') });
    if (reason !== undefined) throw new ProblemError('foreign_origin', { detail: reason });
    next();
  };
}
