import type { IncomingMessage } from 'node:http';

/** Whether the proxy at this address is believed, `hop` proxies away; express's `trust proxy fn`. */
export type TrustProxy = (address: string, hop: number) => boolean;

/** Address of the client as trusted proxies tell it: `req.ip` for requests that express does not see. */
export function clientAddress(req: IncomingMessage, trust: TrustProxy): string {
  const header = req.headers['x-forwarded-for'];
  const forwarded = (Array.isArray(header) ? header.join(',') : (header ?? ''))
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
  const hops = [req.socket.remoteAddress ?? '', ...forwarded.reverse()];
  return hops.find((address, hop) => !trust(address, hop)) ?? hops.at(-1) ?? '';
}
