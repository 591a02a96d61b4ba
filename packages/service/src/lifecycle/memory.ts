import { versions } from 'node:process';
import { setFlagsFromString } from 'node:v8';

/** The first V8 that knows `--no-memory-pool`: that of Node 26. An older one would complain on stderr. */
const firstWithPool = 14;

/**
 * Lets V8 give pages that it no longer needs back to the system, instead of keeping them for later: what a burst of
 * requests took would otherwise count as this pod's memory until it ends, and the autoscaler would add replicas for it.
 * Measured by `npm run bench -- image-memory`; docs/adr/0038 has the figures.
 */
export function releaseUnusedMemory(): void {
  const major = Number(versions.v8.split('.')[0]);
  if (major >= firstWithPool) setFlagsFromString('--no-memory-pool');
}
