import { runService } from '@cloudemy/service';
import { startBackend } from './backend.js';
import { readConfig } from './config.js';

await runService({
  name: 'backend',
  config: () => readConfig(process.env),
  start: async ({ config, log, lifecycle, tracer }) => {
    await startBackend(config, log, lifecycle, tracer);
  },
});
