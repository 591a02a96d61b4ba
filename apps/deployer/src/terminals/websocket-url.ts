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
  const base = publicUrl?.replace(/\/+$/, '') ?? `${req.protocol}://${req.host}`;
  const query = ticket === undefined ? '' : `?ticket=${ticket}`;
  return `${base.replace(/^http/, 'ws')}/terminal/${sessionId}${query}`;
}
