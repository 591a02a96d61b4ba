/** The environment does not fit the service's schema; the message names every variable at fault. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
