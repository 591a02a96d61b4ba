import type { Request } from 'express';

/**
 * Where the client that sent this request connects to a session: at the configured address, else where it reached
 * us, which behind a trusted proxy is what the proxy says.
 *
 * @param publicUrl `https://host/path`, without the service's own paths
 */
export function websocketUrl(
  req: Request,
  sessionId: string,
  publicUrl: string | undefined,
  ticket?: string,
): string {
  const base = publicUrl?.replace(/\/+$/, '') ?? forwardedBase(req);
  const query = ticket === undefined ? '' : `?ticket=${ticket}`;
  return `${base.replace(/^http/, 'ws')}/terminal/${sessionId}${query}`;
}

/** The address by which a trusted proxy was asked, with the port and the path that it may have taken off. */
function forwardedBase(req: Request): string {
  const { protocol, host } = req;
  const trusts: unknown = req.app.get('trust proxy fn');
  const isTrusted = typeof trusts === 'function' && Boolean(trusts(req.socket.remoteAddress ?? '', 0));
  if (!isTrusted) return `${protocol}://${host}`;
  const port = /^\d{1,5}$/.exec(req.get('x-forwarded-port') ?? '')?.[0];
  const usual = protocol === 'https' ? '443' : '80';
  // A host that names its port knows better.
  const isNamed = port === undefined || port === usual || /:\d+$/.test(host);
  const prefix = /^(\/[\w.~-]+)+$/.exec((req.get('x-forwarded-prefix') ?? '').replace(/\/+$/, ''))?.[0] ?? '';
  return `${protocol}://${host}${isNamed ? '' : `:${port}`}${prefix}`;
}
