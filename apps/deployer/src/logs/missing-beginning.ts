import { nanosOf } from './log-time.js';

/** A node begins a new file when one has grown beyond this (`containerLogMaxSize` of the kubelet), unless it is told otherwise. */
const usualFileBytes = 10 * 1_024 * 1_024;
/** Fewer bytes say nothing about the pace of a program. */
const leastBytes = 32 * 1_024;

/**
 * Whether a log seems to begin in the middle, and how long after the container. The cluster does not say so: a node
 * serves the newest file of a log as if it were all. But a program that wrote, from its start, at the pace of the first
 * lines that are left would have filled a file before them.
 *
 * @param first the first lines that are left, as many as came at once
 * @param startedAt when the container began to run
 * @returns seconds between the start and the first line; undefined when nothing looks amiss
 */
export function missingBeginning(
  first: { bytes: number; from: string; to: string },
  startedAt: string | undefined,
): number | undefined {
  if (startedAt === undefined || first.bytes < leastBytes) return undefined;
  const seconds = (from: string, to: string) => Number(nanosOf(to) - nanosOf(from)) / 1e9;
  const silence = seconds(startedAt, first.from);
  // Kubernetes tells the start to the second.
  const pace = first.bytes / Math.max(seconds(first.from, first.to), 1e-6);
  return silence >= 1 && pace * silence >= usualFileBytes ? silence : undefined;
}
