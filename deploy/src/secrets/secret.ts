import type { UnknownObject } from '@cloudemy/k8s';

/** A Secret as the API server keeps it: values in base64. */
export interface Secret extends UnknownObject {
  kind: 'Secret';
  data: Record<string, string>;
}

/**
 * A Secret of the given values.
 *
 * @param component what it is for, when that is not the services
 */
export function secretOf(
  namespace: string,
  name: string,
  values: Record<string, string>,
  component?: 'runner',
): Secret {
  const data = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
  const labels = {
    'app.kubernetes.io/part-of': 'cloudemy',
    ...(component === undefined ? {} : { 'app.kubernetes.io/component': component }),
  };
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace, labels }, data };
}

/** The values of a Secret that was read, decoded. */
export function valuesOf(object: UnknownObject | undefined): Record<string, string> {
  const data: unknown = object?.['data'];
  if (typeof data !== 'object' || data === null) return {};
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(String(value), 'base64').toString()]),
  );
}
