import { execFile } from 'node:child_process';
import { isAbsolute, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { UnknownObject } from '@cloudemy/k8s';
import { deployFolder } from './folders.js';
import { parseObjects, readObjects } from './read.js';

const run = promisify(execFile);

/** The overlays that are kept rendered, for machines without kubectl. */
export const overlays = ['local', 'production'] as const;

/** An overlay cannot be rendered; the message says what to do. */
export class RenderError extends Error {
  override readonly name = 'RenderError';
}

/** Where the rendered form of an overlay is kept. */
export const renderedFile = (overlay: string): string => join(deployFolder, 'rendered', `${overlay}.yaml`);

/**
 * The objects of an overlay: rendered by kubectl where there is one, so that changes to the overlay count, else as
 * kept in `rendered/`, which a test holds equal.
 *
 * @param overlay `local`, `production`, or the path of a kustomization of one's own, which needs kubectl
 * @throws RenderError
 */
export async function renderOverlay(overlay: string): Promise<UnknownObject[]> {
  const known = overlays.some((name) => name === overlay);
  const folder = known ? join(deployFolder, 'overlays', overlay) : resolve(overlay);
  try {
    return parseObjects(await kustomize(folder), folder);
  } catch (error) {
    if (!isMissingProgram(error)) {
      const words = error instanceof Error ? error.message : String(error);
      throw new RenderError(`kubectl could not render ${folder}: ${words}`, { cause: error });
    }
    if (known) return readObjects(renderedFile(overlay));
    const what = isAbsolute(overlay) || overlay.includes('/') ? 'a kustomization of your own' : overlay;
    throw new RenderError(
      `The overlay is ${overlays.join(' or ')}; to render ${what}, kubectl must be on the PATH.`,
      { cause: error },
    );
  }
}

/**
 * What `kubectl kustomize` makes of a folder.
 *
 * @throws the error of the process; `ENOENT` when there is no kubectl
 */
export async function kustomize(folder: string): Promise<string> {
  const { stdout } = await run('kubectl', ['kustomize', folder], { maxBuffer: 16 * 1_024 * 1_024 });
  return stdout;
}

export function isMissingProgram(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
