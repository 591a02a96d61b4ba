import type { Tracer } from '@cloudemy/tracing';
import { ConfigError } from '../config/config-error.js';
import { ListenError } from '../http/server.js';
import { type Logger, createLogger } from '../log/logger.js';
import { logConsole } from '../log/console.js';
import { openTracer } from '../tracing/open-tracer.js';
import { Lifecycle } from './lifecycle.js';
import { releaseUnusedMemory } from './memory.js';

export interface ServiceConfig {
  LOG_LEVEL: string;
  SHUTDOWN_TIMEOUT_MS: number;
  OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  OTEL_EXPORTER_OTLP_HEADERS?: string | undefined;
}

export interface ServiceRun<C extends ServiceConfig> {
  name: string;
  /** Reads the environment; throws `ConfigError`. */
  config: () => C;
  /** Starts the service and registers with the lifecycle what stops it. */
  start: (context: { config: C; log: Logger; lifecycle: Lifecycle; tracer: Tracer }) => Promise<void>;
}

/** Exit code for a bad configuration, as sysexits.h has it (EX_CONFIG). */
const badConfig = 78;

/**
 * The life of a service process: configuration, start, signals, end. What stops a start is one sentence on
 * stderr, not a stack trace; what nobody caught is logged and ends the process, as its state is unknown.
 */
export async function runService<C extends ServiceConfig>(run: ServiceRun<C>): Promise<void> {
  releaseUnusedMemory();
  let lifecycle: Lifecycle | undefined;
  try {
    const config = run.config();
    const log = createLogger(run.name, config.LOG_LEVEL);
    logConsole(log);
    const life = new Lifecycle(log, config.SHUTDOWN_TIMEOUT_MS);
    lifecycle = life;
    life.handleSignals();
    const crash = (error: unknown): void => {
      log.fatal({ err: error }, 'uncaught error');
      void life.stop('uncaught error').then(() => process.exit(1));
    };
    process.on('uncaughtException', crash);
    process.on('unhandledRejection', crash);
    const tracer = await openTracer({
      service: run.name,
      endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
      headers: config.OTEL_EXPORTER_OTLP_HEADERS,
      onLost: (error) => log.warn({ err: error }, 'traces cannot be delivered'),
    });
    life.onStop('tracer', () => tracer.flush());
    await run.start({ config, log, lifecycle: life, tracer });
  } catch (error) {
    // A start that a signal gave up is no failure: the process ends as the signal asks.
    if (lifecycle?.isStopping === true) {
      await lifecycle.stop('stopped while starting');
      return;
    }
    const expected = error instanceof ConfigError || error instanceof ListenError;
    process.stderr.write(`${run.name}: ${expected ? error.message : inFull(error)}\n`);
    process.exit(error instanceof ConfigError ? badConfig : 1);
  }
}

function inFull(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
