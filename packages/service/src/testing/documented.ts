import { type Api, buildOpenApi } from '@cloudemy/contracts';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** A service answered with something its OpenAPI document does not say. */
export class UndocumentedAnswer extends Error {
  override readonly name = 'UndocumentedAnswer';
}

interface Operation {
  responses: Record<string, { content?: Record<string, unknown> }>;
}

/** Making one takes a while, and tests start many services of the same API. */
const documentation = new WeakMap<Api, ReturnType<typeof documentationOf>>();

function documentationOf(api: Api) {
  const document = buildOpenApi(api, { title: 'test', version: '0', description: 'test' });
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(document, 'openapi');
  const operations = Object.values(api).map((route) => ({
    route,
    pattern: new RegExp(`^${route.path.replace(/\{\w+\}/g, '[^/]+')}$`),
    // The document is what `buildOpenApi` made of this very route.
    operation: at(document, ['paths', route.path, route.method]) as Operation,
  }));
  const made = { ajv, operations };
  documentation.set(api, made);
  return made;
}

/**
 * A `fetch` for tests that checks every answer against the OpenAPI document of an API: status, media type and
 * body. Paths may be relative to `baseUrl`. Paths outside the API (health, docs) and preflights pass unchecked.
 *
 * @throws UndocumentedAnswer from the returned function
 */
export function documentedFetch(api: Api, baseUrl: string): typeof fetch {
  const { ajv, operations } = documentation.get(api) ?? documentationOf(api);

  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input, baseUrl);
    const method = (init?.method ?? 'GET').toLowerCase();
    const answer = await fetch(url, init);
    const found = operations
      .toSorted((a, b) => Number(a.route.path.includes('{')) - Number(b.route.path.includes('{')))
      .find(({ route, pattern }) => route.method === method && pattern.test(url.pathname));
    if (found === undefined) return answer;
    const where = `${method.toUpperCase()} ${url.pathname} answered ${answer.status}`;
    const documented = found.operation.responses[answer.status];
    if (documented === undefined) {
      throw new UndocumentedAnswer(`${where}, which is not documented: ${await answer.text()}`);
    }
    if (documented.content === undefined) return answer;
    const mediaType = (answer.headers.get('content-type') ?? '').split(';', 1)[0] ?? '';
    if (!(mediaType in documented.content)) {
      throw new UndocumentedAnswer(
        `${where} as ${mediaType}, not ${Object.keys(documented.content).join(' or ')}`,
      );
    }
    if (!mediaType.endsWith('json')) return answer;
    const pointer = [
      'paths',
      found.route.path,
      method,
      'responses',
      String(answer.status),
      'content',
      mediaType,
      'schema',
    ];
    const check = ajv.getSchema(`openapi#/${pointer.map(escapePointer).join('/')}`);
    const body: unknown = await answer.clone().json();
    if (check === undefined || check(body) !== true) {
      throw new UndocumentedAnswer(
        `${where} with another body: ${ajv.errorsText(check?.errors)}: ${JSON.stringify(body)}`,
      );
    }
    return answer;
  };
}

const escapePointer = (part: string): string =>
  encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (node, key) => (typeof node === 'object' && node !== null ? Reflect.get(node, key) : undefined),
    value,
  );
}
