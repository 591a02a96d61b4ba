import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '@cloudemy/service';
import type Next from 'next';

/** Where the pages' build lies: below the bundle in an image, else in the app's folder. */
function folderOfPages(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const found = [join(here, 'apps', 'frontend'), dirname(here)].find((folder) =>
    existsSync(join(folder, '.next', 'BUILD_ID')),
  );
  if (found !== undefined) return found;
  throw new ConfigError('The pages are not built. Run `turbo run build --filter=@cloudemy/frontend`.');
}

/** Its module is a function, though its types say that this is `default` of a module. */
const nextOf = (folder: string): typeof Next.default => createRequire(join(folder, 'package.json'))('next');

/**
 * Opens the built pages.
 *
 * @throws ConfigError when they are not built
 */
export async function openPages(): Promise<RequestListener> {
  const dir = folderOfPages();
  const { config: conf } = JSON.parse(
    await readFile(join(dir, '.next', 'required-server-files.json'), 'utf8'),
  );
  // Next reads its configuration from here instead of from a TypeScript file that no image has.
  process.env['__NEXT_PRIVATE_STANDALONE_CONFIG'] = JSON.stringify(conf);
  process.env['NEXT_TELEMETRY_DISABLED'] = '1';
  const app = nextOf(dir)({ dev: false, dir, conf, quiet: true });
  await app.prepare();
  const handle = app.getRequestHandler();
  return (req, res) => {
    handle(req, res).catch((error: unknown) => {
      res.destroy(error instanceof Error ? error : undefined);
    });
  };
}
