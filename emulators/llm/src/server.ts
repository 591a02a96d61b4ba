import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import express, { type Express } from 'express';
import type { Behaviour } from './behaviour/behaviour.js';
import { Control } from './behaviour/control.js';
import { MODEL } from './http/chat.js';
import { completionRoutes } from './http/completions.js';
import { controlRoutes } from './http/control.js';
import { errorHandler, unknownUrl } from './http/errors.js';
import { limitConcurrency, requireKey } from './http/gate.js';

export interface LocalLlmOptions {
  /** TCP port; 0, the default, lets the system choose. */
  port?: number;
  /** A loopback address, 127.0.0.1 by default. */
  host?: string;
  /** Listen on every address, so that the pods of a real cluster reach it; false by default. */
  everywhere?: boolean;
  /** Milliseconds every answer is held back; 0 by default. */
  delayMs?: number;
  /** How requests are answered that ask for nothing themselves; `normal` by default. */
  behaviour?: Behaviour;
  /** Milliseconds that the behaviour `slow` adds; 3000 by default. */
  slowMs?: number;
  /** Requests answered at once, 429 beyond; no limit by default. */
  maxConcurrent?: number;
  /** Takes one line for each failure of the server itself; silent by default. */
  log?: (line: string) => void;
}

export interface LocalLlm {
  /** Base URL for an OpenAI client, e.g. `http://127.0.0.1:40123/v1`. */
  url: string;
  /** Stops listening and cuts every connection. May be called again. */
  close(): Promise<void>;
}

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1)$/;
/** Largest request body, 4 MiB. */
const BODY_LIMIT = 4 * 1024 * 1024;
const MODELS = ['gpt-4o-mini', 'gpt-4o', 'gpt-4.1-mini', MODEL];

/**
 * Starts the emulator and resolves once it listens.
 * @throws RangeError when the host is not a loopback address; the socket's error when the port is taken.
 */
export async function startLocalLlm(options: LocalLlmOptions = {}): Promise<LocalLlm> {
  const { port = 0, host = '127.0.0.1', everywhere = false } = options;
  const { address: named } = await lookup(host);
  if (!LOOPBACK.test(named))
    throw new RangeError(`the emulator of an LLM listens on loopback only, not on ${host}`);
  const closing = new AbortController();
  const server = createServer(createApp(options, closing.signal));
  server.listen(port, everywhere ? '0.0.0.0' : named);
  await once(server, 'listening');
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${host === '::1' ? '[::1]' : host}:${bound}/v1`,
    close: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      closing.abort();
      server.closeAllConnections();
      await closed;
    },
  };
}

function createApp(options: LocalLlmOptions, closing: AbortSignal): Express {
  const { behaviour = 'normal', delayMs = 0, slowMs = 3000, maxConcurrent = Infinity } = options;
  const control = new Control({ behaviour, delay_ms: delayMs, times: null });
  const body = express.json({ limit: BODY_LIMIT, type: () => true });
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((_request, response, next) => {
    response.set('x-cloudemy-emulator', 'true');
    next();
  });
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  app.use('/control', body);
  app.use(controlRoutes(control));
  app.use('/v1', requireKey);
  app.get('/v1/models', (_request, response) => {
    const data = MODELS.map((id) => ({ id, object: 'model', created: 0, owned_by: 'cloudemy' }));
    response.json({ object: 'list', data });
  });
  app.post('/v1/{*path}', limitConcurrency(maxConcurrent), body);
  app.use('/v1', completionRoutes({ control, slowMs, closing }));
  app.use(unknownUrl);
  app.use(errorHandler(options.log ?? (() => undefined)));
  return app;
}
