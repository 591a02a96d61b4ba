import { runService } from '@cloudemy/service';
import { readConfig } from './config.js';
import { startFrontend } from './start.js';

await runService({
  name: 'frontend',
  config: () => readConfig(process.env),
  start: async ({ config, log, lifecycle }) => {
    await startFrontend({ config, log, lifecycle });
  },
});
