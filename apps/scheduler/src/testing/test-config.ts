import { type Config, readConfig } from '../config.js';
import { serviceToken } from './fake-backend.js';

/** A configuration as the environment would give it, with these variables besides the required ones. */
export function testConfig(env: Record<string, string> = {}): Config {
  return readConfig({
    PORT: '0',
    LOG_LEVEL: 'silent',
    RUNNER_IMAGE: 'cloudemy/runner:test',
    INTERNAL_SERVICE_TOKEN: serviceToken,
    ...env,
  });
}
