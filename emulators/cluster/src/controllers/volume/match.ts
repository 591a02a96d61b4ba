import { quantity } from '../../schema/quantity.js';
import type { Claim, PersistentVolume } from './types.js';

function storageOf(amounts: Record<string, string> | undefined): number {
  return quantity(amounts?.['storage']);
}

function reservedFor(volume: PersistentVolume, claim: Claim): boolean {
  const { claimRef } = volume.spec;
  return (
    claimRef?.name === claim.metadata.name &&
    claimRef.namespace === claim.metadata.namespace &&
    (claimRef.uid === undefined || claimRef.uid === claim.metadata.uid)
  );
}

function suits(volume: PersistentVolume, claim: Claim): boolean {
  const modes = volume.spec.accessModes ?? [];
  return (
    (volume.spec.storageClassName ?? '') === (claim.spec.storageClassName ?? '') &&
    (claim.spec.accessModes ?? []).every((mode) => modes.includes(mode)) &&
    storageOf(volume.spec.capacity) >= storageOf(claim.spec.resources?.requests)
  );
}

/** The volume for a claim: the one it names or that is reserved for it, else the smallest that is free and suits. */
export function volumeFor(claim: Claim, volumes: readonly PersistentVolume[]): PersistentVolume | undefined {
  const { volumeName } = claim.spec;
  if (volumeName !== undefined) {
    return volumes.find(({ metadata }) => metadata.name === volumeName);
  }
  return (
    volumes.find((volume) => reservedFor(volume, claim)) ??
    volumes
      .filter(({ spec }) => spec.claimRef === undefined)
      .filter((volume) => suits(volume, claim))
      .sort((left, right) => storageOf(left.spec.capacity) - storageOf(right.spec.capacity))[0]
  );
}
