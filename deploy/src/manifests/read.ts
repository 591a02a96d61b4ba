import { readFile } from 'node:fs/promises';
import type { UnknownObject } from '@cloudemy/k8s';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

const ManifestObject = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().exactOptional() }),
});

/**
 * The objects of a YAML text. Throws when one has no kind or name.
 *
 * @param source names the text in messages
 */
export function parseObjects(text: string, source: string): UnknownObject[] {
  return parseAllDocuments(text).flatMap((document, index) => {
    const value: unknown = document.toJS();
    if (value === null) return [];
    const parsed = ManifestObject.safeParse(value);
    if (document.errors.length > 0 || !parsed.success) {
      const why = document.errors[0]?.message ?? parsed.error?.issues[0]?.message;
      throw new Error(`${source}: document ${index + 1} is no Kubernetes object: ${why ?? ''}`);
    }
    return [parsed.data];
  });
}

export async function readObjects(file: string): Promise<UnknownObject[]> {
  return parseObjects(await readFile(file, 'utf8'), file);
}
