import type { AccessTable } from '@cloudemy/contracts';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ApiDocument, Operation } from '../document/document.js';
import { type Person, ownersIn, scopesIn } from '../people/person.js';
import type { FuzzRequest } from '../requests/request.js';
import type { Answer } from '../requests/send.js';

const problemMediaType = 'application/problem+json';

export interface JudgeParts {
  people: readonly Person[];
  access: AccessTable;
}

/** No answer to a bad request is larger. */
const mostProblemBytes = 64 * 1_024;

/** What is wrong with the size of an answer; undefined when nothing is. */
export const oversized = ({ mediaType, body }: Answer): string | undefined =>
  mediaType === problemMediaType && body.length > mostProblemBytes
    ? `answered with a problem of ${body.length} bytes`
    : undefined;

/** Holds answers against the document of their service, and against the table of who may do what. */
export class Judge {
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false });
  readonly #routes: { operation: Operation; pattern: RegExp }[];

  private readonly parts: JudgeParts;

  constructor(document: ApiDocument, parts: JudgeParts) {
    this.parts = parts;

    this.#ajv.addSchema(document.raw, 'openapi');
    this.#routes = document.operations.map((operation) => ({
      operation,
      pattern: new RegExp(`^${operation.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    }));
  }

  /** What is wrong with an answer; undefined when nothing is. */
  fault(request: FuzzRequest, answer: Answer): string | undefined {
    const { status, mediaType } = answer;
    if (status >= 500 && status !== 503) return `answered ${status}`;
    if (status === 503 && answer.headers['retry-after'] === undefined) return '503 without Retry-After';
    const large = oversized(answer);
    if (large !== undefined) return large;
    const overreach = this.#overreach(request, answer);
    if (overreach !== undefined) return overreach;
    // An answer to HEAD has no body.
    if (request.method === 'HEAD') return undefined;
    const operation = this.#reached(request);
    if (operation === undefined) return this.#outside(answer);
    const documented = operation.responses[String(status)];
    // 405 is documented where a method is missing, which is nowhere in a document.
    if (documented === undefined) return `answered ${status}, which is not documented`;
    if (documented.content === undefined) {
      return answer.body.length === 0 ? undefined : `answered ${status} with a body, which is not documented`;
    }
    const types = Object.keys(documented.content);
    if (!types.includes(mediaType))
      return `answered ${status} as ${mediaType || 'nothing'}, not ${types.join(' or ')}`;
    if (!mediaType.endsWith('json')) return undefined;
    const pointer = [
      'paths',
      operation.path,
      operation.method,
      'responses',
      String(status),
      'content',
      mediaType,
      'schema',
    ];
    return this.#against(`openapi#/${pointer.map((part) => escapePointer(part)).join('/')}`, answer);
  }

  /** Whoever got what the table does not give them. */
  #overreach(request: FuzzRequest, answer: Answer): string | undefined {
    const { people, access } = this.parts;
    if (people.length === 0 || answer.status >= 300) return undefined;
    // HEAD is answered by what answers GET.
    const asked = request.method === 'HEAD' ? { ...request, method: 'GET' } : request;
    const operation = this.#reached(asked);
    if (operation === undefined) return undefined;
    const person = people.find(({ token }) => request.headers['authorization'] === `Bearer ${token}`);
    const scopes = scopesIn(access, operation.id, person);
    if (scopes === undefined) return undefined;
    const who = person?.name ?? 'nobody';
    if (scopes.length === 0) return `answered ${answer.status} to ${who}, who may not`;
    const narrow = scopes.every((one) => one === 'own');
    if (!narrow || answer.mediaType !== 'application/json' || answer.body.length === 0) return undefined;
    const foreign = ownersIn(JSON.parse(answer.body.toString())).some((id) => id !== person?.userId);
    return foreign ? `answered ${who} with what belongs to another` : undefined;
  }

  /** The operation that a request reaches, which a twisted one was perhaps not made for. */
  #reached({ method, path }: FuzzRequest): Operation | undefined {
    // A server takes the whole URL too (RFC 9112, 3.2.2).
    const [pathname = ''] = path.replace(/^https?:\/\/[^/]*/, '').split('?', 1);
    return this.#routes.find(
      ({ operation, pattern }) => operation.method === method.toLowerCase() && pattern.test(pathname),
    )?.operation;
  }

  /** Where there is no operation (docs, health, nothing at all), an error must still be a problem. */
  #outside(answer: Answer): string | undefined {
    if (answer.status < 400) return undefined;
    if (answer.mediaType !== problemMediaType) {
      return `answered ${answer.status} as ${answer.mediaType || 'nothing'}, not ${problemMediaType}`;
    }
    return this.#against('openapi#/components/schemas/Problem', answer);
  }

  #against(schema: string, { status, body }: Answer): string | undefined {
    const check = this.#ajv.getSchema(schema);
    if (check === undefined) throw new Error(`the document has no ${schema}`);
    try {
      return check(JSON.parse(body.toString())) === true
        ? undefined
        : `answered ${status} with another body: ${this.#ajv.errorsText(check.errors)}`;
    } catch (error) {
      return `answered ${status} with what is not JSON: ${String(error)}`;
    }
  }
}

const escapePointer = (part: string): string =>
  encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
