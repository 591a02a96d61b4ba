import type { Operation } from '../document/document.js';

/** A request as it goes out. */
export interface FuzzRequest {
  /** The operation it was made for; what it reaches may be another. */
  operation: Operation;
  method: string;
  /** With the query, escaped as far as HTTP demands. */
  path: string;
  headers: Record<string, string | string[]>;
  body: Buffer | undefined;
}
