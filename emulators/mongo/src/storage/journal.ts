import type { Document } from '../bson/document.js';

/** Every change of stored data, in the order it happened. Names are `database.collection`. */
export type Change =
  | { readonly op: 'put'; readonly namespace: string; readonly document: Uint8Array }
  | { readonly op: 'delete'; readonly namespace: string; readonly key: Uint8Array }
  | { readonly op: 'create'; readonly namespace: string; readonly info: Document }
  | { readonly op: 'drop'; readonly namespace: string; readonly info: Document }
  | { readonly op: 'createIndex'; readonly namespace: string; readonly info: Document };

/** Where changes go to be kept. */
export interface Journal {
  /**
   * Resolves when changes can be kept. Asked before a write changes anything.
   * @throws CommandError 14031 while there is no room; the next call tries the disk again
   */
  ready(): Promise<void>;
  /**
   * Notes a change that has just been made in memory.
   * @param undo takes the change back in memory; called when it could not be kept, newest change first
   */
  append(change: Change, undo: () => void): void;
  /**
   * Resolves when everything appended so far is as durable as the journal was told to make it.
   * @throws CommandError 14031 or 8 when it could not be written; everything not yet kept has then been undone
   */
  flushed(): Promise<void>;
}

/** Keeps nothing: for a server without a folder. */
export const NO_JOURNAL: Journal = {
  ready: () => Promise.resolve(),
  append: () => undefined,
  flushed: () => Promise.resolve(),
};
