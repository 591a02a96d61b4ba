import { lookup as resolve } from 'node:dns';
import { type LookupFunction, isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Ranges outside the public network that the operator lets targets lie in. */
export class PrivateNetworks {
  private readonly ranges: readonly [Address, number][];

  constructor(ranges: readonly [Address, number][]) {
    this.ranges = ranges;
  }

  /** @returns undefined when one of them is no range */
  static of(ranges: readonly string[]): PrivateNetworks | undefined {
    if (!ranges.every((range) => ipaddr.isValidCIDR(range))) return undefined;
    return new PrivateNetworks(ranges.map((range) => ipaddr.parseCIDR(range)));
  }

  has(address: Address): boolean {
    return this.ranges.some(([range, bits]) => range.kind() === address.kind() && address.match(range, bits));
  }
}

/** The target is not where messages may go; no connection was made. */
export class AddressRefusedError extends Error {
  override readonly name = 'AddressRefusedError';
}

/**
 * Whether messages may go to an address: to public ones, and to those the operator allows. Whatever no range names as
 * public is refused: loopback, link-local with its metadata services, private, mapped and translated ones.
 *
 * @param encrypted plain HTTP goes to allowed private networks alone
 */
export function isAllowed(text: string, encrypted: boolean, networks: PrivateNetworks): boolean {
  if (!ipaddr.isValid(text)) return false;
  // An IPv4 address in the clothes of IPv6 counts as what it is.
  const address = ipaddr.process(text);
  return networks.has(address) || (encrypted && isPublic(address));
}

/** What the Internet routes, but for an address of Azure's that serves machines their metadata. */
function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4' ? address.toString() !== '168.63.129.16' : address.match(globalUnicast, 3);
}

const globalUnicast = ipaddr.IPv6.parse('2000::');

/**
 * Resolves names for a connection to addresses that are allowed only: what was public when it was looked at may be
 * private when it is connected to, so it is decided on the very answer that is connected to.
 */
export function allowedLookup(encrypted: boolean, networks: PrivateNetworks): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const allowed = addresses.filter(({ address }) => isAllowed(address, encrypted, networks));
      const [first] = allowed;
      if (first === undefined) callback(refused(hostname, encrypted), []);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

/**
 * Addresses in URLs are connected to without a look-up.
 *
 * @throws AddressRefusedError for one that is not allowed
 */
export function assertLiteralAllowed({ hostname }: URL, encrypted: boolean, networks: PrivateNetworks): void {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0 && !isAllowed(host, encrypted, networks)) throw refused(host, encrypted);
}

const refused = (host: string, encrypted: boolean): AddressRefusedError =>
  new AddressRefusedError(
    `${host} is no address that messages may go to: ${encrypted ? 'it is not public' : 'plain http:// is for private networks that the operator allows'}`,
  );
