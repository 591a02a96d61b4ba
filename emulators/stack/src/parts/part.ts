import type { Supervised } from '../processes/supervise.js';

/** Something the stack is made of, as told to the user. */
export interface Part {
  name: string;
  /** Which one was taken and why, in words. */
  origin: string;
  url: string;
  /** Ends it; undefined for what someone else runs. */
  close?: () => Promise<void>;
  /** Undefined for what someone else runs. */
  process?: Supervised;
  /** Rejects with a `PartFailedError` when it ends, wanted or not; undefined for what someone else runs. */
  broken?: Promise<never>;
}

/** Where a stack keeps its things. */
export interface StackFolders {
  data: string;
  logs: string;
  cache: string;
}
