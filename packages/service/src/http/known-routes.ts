import type { Api } from '@cloudemy/contracts';

/** A service serves something that neither its API nor the list of open paths knows: a fault of the program. */
export class UnknownRouteError extends Error {
  override readonly name = 'UnknownRouteError';
}

interface Layer {
  route?: { path: unknown };
  handle?: unknown;
}

/**
 * Makes sure that every route of a router is an operation of the API, which a guard stands before, or one of the
 * paths that are open to anyone.
 *
 * @throws UnknownRouteError naming those that are neither
 */
export function assertKnownRoutes(router: unknown, api: Api, open: Readonly<Record<string, string>>): void {
  const operations = Object.values(api).map(({ path }) => path.replace(/\{(\w+)\}/g, ':$1'));
  const known = new Set([...operations, ...Object.keys(open)]);
  const unknown = pathsOf(router).filter((path) => !known.has(path));
  if (unknown.length > 0) {
    throw new UnknownRouteError(
      `${unknown.join(', ')}: who may call this? Put it into the API and the authorisation table, or into the open paths.`,
    );
  }
}

/** The paths of all routes, those of routers inside too. */
function pathsOf(router: unknown): string[] {
  return layersOf(router).flatMap(({ route, handle }) =>
    route === undefined ? pathsOf(handle) : [route.path].flat().map(String),
  );
}

const layersOf = (router: unknown): Layer[] =>
  typeof router === 'function' && 'stack' in router && Array.isArray(router.stack) ? router.stack : [];
