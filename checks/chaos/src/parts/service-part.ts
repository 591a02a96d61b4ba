import { freePort, startService } from '@cloudemy/emulator-stack';
import type { Replica } from '../plan/catalogue.js';
import { clockFlag } from './clocks.js';
import type { Launch } from './store-parts.js';
import type { Site } from './world.js';

type Env = Record<string, string | undefined>;

/** One replica of a service, with a clock of its own; requests reach it once it is ready. */
export const servicePart =
  (
    { folders, links, addresses }: Site,
    app: 'backend' | 'scheduler' | 'deployer',
    name: Replica,
    env: Env,
  ): Launch =>
  async () => {
    const port = await freePort();
    const nodeFlags = [clockFlag(folders.data, name)];
    const { process, url } = await startService({
      app,
      name,
      port,
      env,
      nodeFlags,
      logsFolder: folders.logs,
    });
    addresses.set(name, url);
    if (app !== 'scheduler') links[app].route(name, port, process.exited);
    return process;
  };
