import { Metrics, maxMetrics } from '@cloudemy/contracts';

/** How deep figures within figures are looked into. */
const maxDepth = 3;
const longestName = 64;
const longestText = 500;
/** Of ours: `metrics_cut`, and `score_claimed` where a runner adds up otherwise. */
const ownFigures = 2;

/**
 * A result whose metrics fit the contract, whatever they were: they are a runner's own notes, and no reason to throw a
 * grade away. Figures within figures are named by both, names are cut to what a column takes, and what is too many or
 * of no use is left out; `metrics_cut` says how many.
 */
export function tidied(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('metrics' in value)) return value;
  const flat = new Map<string, unknown>();
  flatten(value.metrics, '', 0, flat);
  const kept: Record<string, unknown> = {};
  let cut = 0;
  for (const [name, figure] of flat) {
    const fits =
      Object.keys(kept).length < maxMetrics - ownFigures && Metrics.safeParse({ [name]: figure }).success;
    if (fits) kept[name] = figure;
    else cut += 1;
  }
  return { ...value, metrics: cut === 0 ? kept : { ...kept, metrics_cut: cut } };
}

function flatten(value: unknown, path: string, depth: number, into: Map<string, unknown>): void {
  if (typeof value !== 'object' || value === null) {
    if (path !== '')
      into.set(path, typeof value === 'string' ? value.slice(0, longestText).toWellFormed() : value);
    return;
  }
  if (depth === maxDepth || Array.isArray(value)) {
    into.set(path, JSON.stringify(value).slice(0, longestText).toWellFormed());
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    const name = key.replaceAll(/\W/g, '_');
    flatten(inner, (path === '' ? named(name) : `${path}_${name}`).slice(0, longestName), depth + 1, into);
  }
}

/** A name begins with a letter. */
const named = (name: string): string => (/^[A-Za-z]/.test(name) ? name : `x${name}`);
