import { freePort, startService } from '@cloudemy/emulator-stack';
import type { Launch } from './store-parts.js';
import type { Site } from './world.js';

/** One replica of a service; requests reach it once it is ready. */
export const servicePart =
  (
    { folders, links }: Site,
    app: 'backend' | 'scheduler',
    name: string,
    env: Record<string, string | undefined>,
  ): Launch =>
  async () => {
    const port = await freePort();
    const { process } = await startService({ app, name, port, env, logsFolder: folders.logs });
    if (app === 'backend') links.backend.route(name, port, process.exited);
    return process;
  };
