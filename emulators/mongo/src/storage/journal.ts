import type { Document } from '../bson/document.js';

/** Every change of stored data, in the order it happened. Names are `database.collection`. */
export type Change =
  | { readonly op: 'put'; readonly namespace: string; readonly document: Uint8Array }
  | { readonly op: 'delete'; readonly namespace: string; readonly key: Uint8Array }
  | { readonly op: 'create'; readonly namespace: string; readonly info: Document }
  | { readonly op: 'drop'; readonly namespace: string; readonly info: Document }
  | { readonly op: 'createIndex'; readonly namespace: string; readonly info: Document }
  | { readonly op: 'dropIndex'; readonly namespace: string; readonly info: Document };

/** Where changes go to be kept. */
export interface Journal {
  /** Notes a change that has just been made in memory. */
  append(change: Change): void;
  /**
   * Resolves when everything appended so far is as durable as the journal was told to make it.
   * @throws Error when it could not be written; the journal then accepts nothing more
   */
  flushed(): Promise<void>;
}

/** Keeps nothing: for a server without a folder. */
export const NO_JOURNAL: Journal = {
  append: () => undefined,
  flushed: () => Promise.resolve(),
};
