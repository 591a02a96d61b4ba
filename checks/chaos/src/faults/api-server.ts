import type { ApiProxy } from '../parts/api-proxy.js';
import type { ApiFault } from '../plan/catalogue.js';

/** Has what stands before the API server misbehave to the services; returns what mends it. */
export function disturbApi(proxy: ApiProxy, fault: ApiFault): () => void {
  proxy.begin(fault);
  return () => proxy.end();
}
