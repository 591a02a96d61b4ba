import type { Lease } from '../objects/types.js';

/** Lease times are MicroTime: RFC 3339 with exactly six decimals, which the server insists on. */
export function toMicroTime(date: Date): string {
  return date.toISOString().replace(/(\.\d{3})Z$/, '$1000Z');
}

/** Who holds the lease; undefined when nobody does or it was released. */
export function holderOf(lease: Lease): string | undefined {
  const holder = lease.spec?.holderIdentity;
  return holder === undefined || holder === '' ? undefined : holder;
}

/** A lease as `identity` takes it over, or renews it when it is the holder already. */
export function claimed(lease: Lease, identity: string, durationSeconds: number): Lease {
  const now = toMicroTime(new Date());
  const isMine = holderOf(lease) === identity;
  const transitions = lease.spec?.leaseTransitions ?? 0;
  return {
    ...lease,
    spec: {
      holderIdentity: identity,
      leaseDurationSeconds: durationSeconds,
      acquireTime: isMine ? (lease.spec?.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: isMine || lease.spec === undefined ? transitions : transitions + 1,
    },
  };
}

/** A lease given back: others need not wait for it to run out. */
export function released(lease: Lease): Lease {
  const now = toMicroTime(new Date());
  return {
    ...lease,
    spec: {
      holderIdentity: '',
      leaseDurationSeconds: 1,
      acquireTime: now,
      renewTime: now,
      leaseTransitions: lease.spec?.leaseTransitions ?? 0,
    },
  };
}
