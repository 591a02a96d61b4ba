// Writes the rendered form of the overlays again. Needs kubectl.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deployFolder } from '../manifests/folders.js';
import { kustomize, overlays, renderedFile } from '../manifests/render.js';

for (const overlay of overlays) {
  const file = renderedFile(overlay);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, await kustomize(join(deployFolder, 'overlays', overlay)));
}
