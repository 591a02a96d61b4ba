import type { IncomingMessage } from 'node:http';
import { fileURLToPath } from 'node:url';
import express, { type RequestHandler, Router } from 'express';
import helmet from 'helmet';

/** Where the build puts the page: beside this file in `dist/`. */
export const pageFolder = fileURLToPath(new URL('./public/', import.meta.url));

/** `Host` was held against the names of this service before. */
const hostOf = ({ headers }: IncomingMessage): string => headers.host ?? '';

/** The terminal emulator styles itself inline; scripts and connections are this service's own only. */
const security: RequestHandler = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      // Not every browser counts the WebSockets of the page's own host as its own.
      connectSrc: ["'self'", (request) => `ws://${hostOf(request)}`, (request) => `wss://${hostOf(request)}`],
      imgSrc: ["'self'", 'data:'],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  strictTransportSecurity: false,
});

/**
 * `/`: the page, an example of how to use the API.
 *
 * @param folder with the built page
 */
export function pageRoutes(folder: string): Router {
  const router = Router({ strict: true });
  router.get(['/', '/page.js', '/page.css'], security, express.static(folder, { cacheControl: false }));
  return router;
}
