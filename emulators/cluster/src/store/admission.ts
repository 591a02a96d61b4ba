import type { KubeObject } from '../objects.js';
import type { KindInfo } from '../schema/kinds.js';

/** What goes along with one write. */
export interface WriteContext {
  /** A sentence for the client's `Warning` header. */
  warn(message: string): void;
  /** Nothing is stored; checks that count or reserve must not either. */
  dryRun: boolean;
}

/** For writes that nobody waits for with a Warning header. */
export const quietly: WriteContext = { warn: () => {}, dryRun: false };

/**
 * The rules of the kinds: defaults, validation, quotas. Both methods may change the draft in place and throw
 * an `ApiError` to refuse it.
 */
export interface Admission {
  create(info: KindInfo, draft: KubeObject, context: WriteContext): void;
  update(info: KindInfo, draft: KubeObject, old: KubeObject, context: WriteContext): void;
}

/** Lets everything pass: a store on its own. */
export const admitAll: Admission = { create: () => {}, update: () => {} };
