import { createHash } from 'node:crypto';
import { type AccessTable, type Api, type OpenApiInfo, buildOpenApi } from '@cloudemy/contracts';
import { type RequestHandler, Router } from 'express';
import helmet from 'helmet';
import swaggerUi from 'swagger-ui-express';

/**
 * `/openapi.json`, and `/docs`: a page for it that loads nothing from elsewhere.
 *
 * The document is made when somebody first asks for it: few do, and making it costs every start half a second and
 * every idle process some megabytes.
 */
export function docs(api: Api, info: OpenApiInfo, access: AccessTable): Router {
  const router = Router();
  let document: { text: Buffer; etag: string } | undefined;
  router.get('/openapi.json', (req, res) => {
    document ??= serialise(buildOpenApi(api, info, access));
    res.set({ ETag: document.etag, 'Cache-Control': 'no-cache' });
    if (req.get('if-none-match') === document.etag) res.status(304).end();
    else res.type('json').send(document.text);
  });
  router.get('/docs', (req, res, next) => {
    // Relative, so that it stays within the path that a proxy may have taken off.
    if (/^[^?]*\/(\?|$)/.test(req.originalUrl)) next();
    else res.redirect(301, 'docs/');
  });
  router.use(
    '/docs',
    pageSecurity,
    swaggerUi.serve,
    swaggerUi.setup(undefined, { customSiteTitle: info.title, swaggerOptions: { url: '../openapi.json' } }),
  );
  return router;
}

function serialise(document: unknown): { text: Buffer; etag: string } {
  const text = Buffer.from(JSON.stringify(document));
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url')}"` };
}

/** The page styles itself inline, which the services' own policy forbids. */
const pageSecurity: RequestHandler = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      scriptSrc: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  strictTransportSecurity: false,
});
