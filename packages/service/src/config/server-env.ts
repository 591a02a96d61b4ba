import type { ServerLimits } from '../http/server.js';
import { ConfigError } from './config-error.js';
import { count, milliseconds, port } from './numbers.js';

/** What clients may take of an HTTP server before anything is known about them. */
export const serverEnv = {
  /** Connections at a time: from wherever, and from one address that is no proxy of TRUST_PROXY. */
  MAX_CONNECTIONS: count.default(5_000),
  MAX_CONNECTIONS_PER_ADDRESS: count.default(1_000),
  /** In which a request has to arrive, and in which some of an answer has to be read. */
  REQUEST_TIMEOUT_MS: milliseconds.default(60_000),
  UNREAD_ANSWER_TIMEOUT_MS: milliseconds.default(60_000),
};

/** A port for what only other services ask: `/internal/*` and `/metrics` are on PORT when it is not set. */
export const internalPortEnv = { INTERNAL_PORT: port.optional() };

/** @throws ConfigError when both ports are one */
export function checkInternalPort(config: { PORT: number; INTERNAL_PORT?: number | undefined }): void {
  if (config.INTERNAL_PORT !== config.PORT || config.PORT === 0) return;
  throw new ConfigError(`INTERNAL_PORT: is ${config.PORT}, as PORT is. Choose another, or leave it out.`);
}

export interface ServerConfig {
  readonly MAX_CONNECTIONS: number;
  readonly MAX_CONNECTIONS_PER_ADDRESS: number;
  readonly REQUEST_TIMEOUT_MS: number;
  readonly UNREAD_ANSWER_TIMEOUT_MS: number;
}

/** The limits of a server by its configuration. */
export const serverLimits = (config: ServerConfig): ServerLimits => ({
  connections: { all: config.MAX_CONNECTIONS, perAddress: config.MAX_CONNECTIONS_PER_ADDRESS },
  requestMs: config.REQUEST_TIMEOUT_MS,
  unreadMs: config.UNREAD_ANSWER_TIMEOUT_MS,
});
