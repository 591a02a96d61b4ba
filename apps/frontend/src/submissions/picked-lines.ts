import { useSyncExternalStore } from 'react';

/** Lines of one file that somebody has picked, to speak of them. */
export interface PickedLines {
  file: string;
  from: number;
  to: number;
}

let picked: PickedLines | undefined;
const listeners = new Set<() => void>();

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export function pickLines(lines: PickedLines | undefined): void {
  picked = lines;
  for (const listener of listeners) listener();
}

/** The code and the forms about it stand apart on the page, and share this. */
export const usePickedLines = (): PickedLines | undefined =>
  useSyncExternalStore(
    subscribe,
    () => picked,
    () => undefined,
  );

/** A line added to those picked: with `extend` all between are picked too, as long as it is the same file. */
export function withLine(
  before: PickedLines | undefined,
  file: string,
  line: number,
  extend: boolean,
): PickedLines {
  if (!extend || before === undefined || before.file !== file) return { file, from: line, to: line };
  return { file, from: Math.min(before.from, line), to: Math.max(before.to, line) };
}
