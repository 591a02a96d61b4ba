import { z } from 'zod';
import { Problem, type ProblemCode, problemMediaType, problemTable } from '../problem.js';
import { type Json, SchemaComponents } from './openapi-schemas.js';
import { accessInWords } from '../access/in-words.js';
import type { AccessTable } from '../access/rule.js';
import { healthTag, openOperations } from './openapi-health.js';
import type { Api, ResponseSpec, RouteAuth, RouteSpec } from './route.js';

export interface OpenApiInfo {
  title: string;
  version: string;
  description: string;
}

/** A route for anyone, that takes nothing. */
const anyRoute: RouteSpec = { method: 'get', path: '/', summary: '', tag: '', auth: 'public', responses: {} };

/** Answers any route can give, whatever it does. */
const commonProblems: readonly ProblemCode[] = [
  'malformed_request',
  'foreign_origin',
  'not_acceptable',
  'rate_limited',
  'headers_too_large',
  'request_timeout',
  'internal_error',
  'unavailable',
];
const bodyProblems: readonly ProblemCode[] = ['malformed_json', 'too_large', 'unsupported_media_type'];

const securitySchemes: Record<Exclude<RouteAuth, 'public'>, Json> = {
  user: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT, or an API key',
    description: 'A user, by an access token or an API key. Not needed while authentication is off.',
  },
  service: { type: 'http', scheme: 'bearer', description: 'Another service of Cloudemy.' },
  'result-token': {
    type: 'apiKey',
    in: 'header',
    name: 'X-Result-Token',
    description: 'Signed for one attempt of one submission.',
  },
};

/**
 * The OpenAPI 3.1 document of an API, as plain JSON.
 *
 * @param access who may call what; told in the descriptions
 */
export function buildOpenApi(api: Api, info: OpenApiInfo, access: AccessTable = {}): Json {
  const components = new SchemaComponents();
  for (const route of Object.values(api)) {
    // Answers first: they get the plain names, and a request's schema a name of its own only where it differs.
    for (const { schema } of Object.values(route.responses)) if (schema) components.add(schema, 'output');
  }
  for (const { messages = [] } of Object.values(api)) {
    for (const message of messages) components.add(message, 'output');
  }
  const paths: Record<string, Json> = openOperations(components, problems(anyRoute, components));
  for (const [operationId, route] of Object.entries(api)) {
    paths[route.path] = {
      ...paths[route.path],
      [route.method]: operation(operationId, route, components, access),
    };
  }
  return {
    openapi: '3.1.0',
    info: { ...info, license: { name: 'MIT', identifier: 'MIT' } },
    // Relative to where this document is: also behind a path that a proxy takes off.
    servers: [{ url: './' }],
    tags: [...new Set([...Object.values(api).map((route) => route.tag), healthTag])].map((name) => ({
      name,
    })),
    paths,
    components: { schemas: components.schemas, securitySchemes },
  };
}

function operation(
  operationId: string,
  route: RouteSpec,
  components: SchemaComponents,
  access: AccessTable,
): Json {
  const rule = access[operationId];
  const description = [
    ...(route.description === undefined ? [] : [route.description]),
    ...(rule === undefined ? [] : [`Who may: ${accessInWords(rule)}.`]),
  ].join('\n\n');
  const security =
    route.auth === 'public' ? [] : route.auth === 'user' ? [{}, { user: [] }] : [{ [route.auth]: [] }];
  return {
    operationId,
    summary: route.summary,
    ...(description === '' ? {} : { description }),
    tags: [route.tag],
    security,
    parameters: [
      ...parameters('path', route.params, components),
      ...parameters('query', route.query, components),
      ...parameters('header', route.headers, components),
    ],
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: !route.body.safeParse(undefined).success,
            content: { 'application/json': { schema: components.add(route.body, 'input') } },
          },
        }),
    responses: { ...successes(route, components), ...problems(route, components) },
  };
}

function parameters(
  where: 'path' | 'query' | 'header',
  schema: z.ZodObject | undefined,
  to: SchemaComponents,
): Json[] {
  if (schema === undefined) return [];
  return Object.entries(schema.shape).map(([name, field]) => {
    const { description, ...json } = to.add(field, 'input');
    return {
      name,
      in: where,
      required: where === 'path' || !z.safeParse(field, undefined).success,
      ...(description === undefined ? {} : { description }),
      schema: json,
    };
  });
}

function successes(route: RouteSpec, components: SchemaComponents): Json {
  const entry = (response: ResponseSpec): Json => ({
    description: response.description,
    ...(response.headers === undefined
      ? {}
      : {
          headers: headerObjects(response.headers),
        }),
    ...(response.schema === undefined
      ? {}
      : {
          content: contentOf(response, response.schema, components),
        }),
  });
  return Object.fromEntries(
    Object.entries(route.responses).map(([status, response]) => [status, entry(response)]),
  );
}

function contentOf(response: ResponseSpec, schema: z.ZodType, components: SchemaComponents): Json {
  const { contentType = 'application/json', alternatives = [] } = response;
  const whole = [contentType, { schema: components.add(schema, 'output') }];
  // The same in words, whatever its schema.
  return Object.fromEntries([whole, ...alternatives.map((type) => [type, { schema: { type: 'string' } }])]);
}

/** Every problem code a route can answer with, its own and those common to all. */
export function problemsOf(route: RouteSpec): ProblemCode[] {
  const validated = route.params ?? route.query ?? route.headers ?? route.body;
  return [
    ...new Set<ProblemCode>([
      ...commonProblems,
      ...(route.body === undefined ? [] : bodyProblems),
      ...(validated === undefined ? [] : (['invalid_request'] as const)),
      ...(route.auth === 'public' ? [] : (['unauthenticated', 'forbidden'] as const)),
      ...(route.problems ?? []),
    ]),
  ];
}

function problems(route: RouteSpec, components: SchemaComponents): Json {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of problemsOf(route)) {
    const { status } = problemTable[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\`: ${problemTable[code].title}.`).join('\n\n'),
        ...headersOf(status),
        content: { [problemMediaType]: { schema: components.add(Problem, 'output') } },
      },
    ]),
  );
}

/** Headers that come with every problem of a status. */
const problemHeaders: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  401: { 'WWW-Authenticate': 'How to authenticate (RFC 6750).' },
  429: { 'Retry-After': 'Seconds to wait.' },
};

function headersOf(status: number): Json {
  const headers = problemHeaders[status];
  return headers === undefined ? {} : { headers: headerObjects(headers) };
}

function headerObjects(headers: Readonly<Record<string, string>>): Json {
  return Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  );
}
