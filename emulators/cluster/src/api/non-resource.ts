import { ApiError } from '../store/api-error.js';
import { discover, servesGroup } from './discovery.js';
import type { Exchange } from './exchange.js';
import { methodNotAllowed } from './resource-handler.js';
import { openApiIndex, openApiV3 } from './openapi.js';
import { version } from './version.js';

const text = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };

function health(exchange: Exchange, path: string): boolean {
  const match = /^\/(healthz|livez|readyz)(\/ping)?$/.exec(path);
  if (match === null) {
    return false;
  }
  const verbose = exchange.info.query.get('verbose') !== null;
  exchange.sendText(200, verbose ? `[+]ping ok\n${match[1]} check passed\n` : 'ok', text);
  return true;
}

function openApi(exchange: Exchange, path: string): boolean {
  if (path === '/openapi/v3') {
    exchange.send(200, openApiIndex());
    return true;
  }
  const document = path.startsWith('/openapi/v3/') ? openApiV3(path.slice('/openapi/v3/'.length)) : undefined;
  if (document === undefined) {
    return false;
  }
  exchange.send(200, document);
  return true;
}

export function sendNotFoundPage(exchange: Exchange): void {
  exchange.sendText(404, '404 page not found\n', text);
}

/** Answers what is no resource: discovery, health, version, OpenAPI. */
export function handleNonResource(exchange: Exchange): void {
  const { path, method } = exchange.info;
  if (method !== 'GET') {
    throw methodNotAllowed();
  }
  if (path === '/version' || path === '/version/') {
    exchange.send(200, version);
    return;
  }
  if (health(exchange, path) || openApi(exchange, path)) {
    return;
  }
  const found = discover(path);
  if (found === undefined) {
    const [, root, group = ''] = path.split('/');
    if (root === 'api' || (root === 'apis' && servesGroup(group))) {
      throw new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
    }
    sendNotFoundPage(exchange);
    return;
  }
  if (found.etag === undefined) {
    exchange.send(200, found.body);
    return;
  }
  if (exchange.request.headers['if-none-match'] === found.etag) {
    exchange.response.writeHead(304, { etag: found.etag, vary: 'Accept' });
    exchange.response.end();
    return;
  }
  exchange.send(200, found.body, {
    'content-type': 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
    etag: found.etag,
    vary: 'Accept',
  });
}
