import { createHash } from 'node:crypto';
import { type AccessTable, type Api, type OpenApiInfo, buildOpenApi } from '@cloudemy/contracts';
import { type RequestHandler, Router } from 'express';
import helmet from 'helmet';
import swaggerUi from 'swagger-ui-express';

/** `/openapi.json`, and `/docs`: a page for it that loads nothing from elsewhere. */
export function docs(api: Api, info: OpenApiInfo, access: AccessTable): Router {
  const document = buildOpenApi(api, info, access);
  const router = Router();
  const text = Buffer.from(JSON.stringify(document));
  const etag = `"${createHash('sha256').update(text).digest('base64url')}"`;
  router.get('/openapi.json', (req, res) => {
    res.set({ ETag: etag, 'Cache-Control': 'no-cache' });
    if (req.get('if-none-match') === etag) res.status(304).end();
    else res.type('json').send(text);
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
    swaggerUi.setup({ ...document, servers: [{ url: '../' }] }, { customSiteTitle: info.title }),
  );
  return router;
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
