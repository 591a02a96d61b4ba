import type { Request } from 'express';

/** The pattern a request was served by, such as `/submissions/:submission_id`: paths hold ids, and are endless. */
export function routeOf(req: Request): string {
  const route: unknown = req.route;
  return typeof route === 'object' && route !== null && 'path' in route ? String(route.path) : 'none';
}
