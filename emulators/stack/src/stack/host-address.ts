export const loopback = '127.0.0.1';

/** Names of the machine one is on: to a pod they mean the pod. */
const loopbackName = /^(127(\.\d{1,3}){3}|0\.0\.0\.0|\[?::1?\]?|(.+\.)?localhost)$/i;

export const isLoopback = (host: string): boolean => loopbackName.test(host);

/** Pods reach the machine by a name or an IPv4 address: services listen on IPv4. */
const reachable = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i;

/**
 * Checks the address at which pods are to reach this machine.
 *
 * @throws Error in words when it is missing or no host name
 */
export function assertHostAddress(address: string | undefined): string {
  if (address !== undefined && reachable.test(address)) return address;
  throw new Error(
    `With a kubeconfig, HOST_ADDRESS (E2E_HOST_ADDRESS for npm run e2e) must be the name or IPv4 address at ` +
      `which pods of that cluster reach this machine${address === undefined ? '' : `, not "${address}"`}: ` +
      `runners send their results to it. For kind and k3d that is the gateway of the Docker network.`,
  );
}

/** The URL as a pod must use it: with this machine's address where it names loopback. */
export function fromPods(url: string, hostAddress: string): string {
  const parsed = new URL(url);
  if (!isLoopback(parsed.hostname) || isLoopback(hostAddress)) return url;
  parsed.hostname = hostAddress;
  return url.endsWith('/') ? parsed.href : parsed.href.replace(/\/$/, '');
}
