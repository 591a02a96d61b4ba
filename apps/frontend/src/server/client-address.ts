import { BlockList, isIPv6 } from 'node:net';
import type { IncomingMessage } from 'node:http';
import type { TrustedProxies } from '@cloudemy/service';

/** Whether an address is one of those that were named. */
export function proxyTest(trusted: TrustedProxies): (address: string) => boolean {
  if (typeof trusted === 'number') return () => trusted > 0;
  const known = new BlockList();
  for (const range of trusted) {
    const [address = '', prefix] = range.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) known.addAddress(address, family);
    else known.addSubnet(address, Number(prefix), family);
  }
  return (address) => known.check(plain(address), isIPv6(plain(address)) ? 'ipv6' : 'ipv4');
}

/** IPv4 as an IPv6 socket has it. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/, '');

/** Who asks: the nearest address that no trusted proxy has. */
export function clientAddress(req: IncomingMessage, trusted: TrustedProxies): string {
  const forwarded = String(req.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const chain = [...forwarded, req.socket.remoteAddress ?? ''].map((address) => plain(address));
  if (typeof trusted === 'number') return chain.at(-1 - trusted) ?? chain[0] ?? '';
  const isProxy = proxyTest(trusted);
  return chain.findLast((address, index) => index === 0 || !isProxy(address)) ?? '';
}
