import { readJson } from '../objects/read-json.js';
import type { KubeList, KubeObject, Status } from '../objects/types.js';
import { errorFromAnswer, isGone, KubeConnectionError } from './errors.js';
import { retryRead } from './retry.js';
import type { Query, RawRequest, StreamAnswer, Transport } from './transport.js';

export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** Milliseconds; the cluster's default when left out. */
  timeoutMs?: number | undefined;
}

export interface ReadOptions extends CallOptions {
  query?: Query | undefined;
  /** Media types to ask for; JSON when left out. */
  accept?: string | undefined;
}

export interface ListOptions extends CallOptions {
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  /** Objects per page. */
  limit?: number | undefined;
  continue?: string | undefined;
  resourceVersion?: string | undefined;
}

export interface ListAllOptions<T> extends Omit<ListOptions, 'continue'> {
  /** What is kept of each object, page by page: thousands in full would fill the memory. */
  keep?: ((object: T) => T) | undefined;
}

export interface WriteOptions extends CallOptions {
  dryRun?: boolean | undefined;
  fieldManager?: string | undefined;
  fieldValidation?: 'Strict' | 'Warn' | 'Ignore' | undefined;
}

export interface ApplyOptions extends WriteOptions {
  fieldManager: string;
  /** Take over fields that another manager owns instead of failing with a conflict. */
  force?: boolean | undefined;
}

export interface DeleteOptions extends CallOptions {
  /** `Background` unless said otherwise: the server's own default orphans a Job's pods. */
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan' | undefined;
  /** Delete only if it is still this very object. */
  uid?: string | undefined;
  gracePeriodSeconds?: number | undefined;
  dryRun?: boolean | undefined;
}

/** A write's answer with the warnings the server sent along. */
export interface Written<T> {
  /** Parsed when first asked for; throws `KubeConnectionError` when what came is not JSON. */
  readonly object: T;
  /** True when the request created the object, false when it changed or found it. */
  created: boolean;
  warnings: string[];
}

export type PatchType =
  | 'application/merge-patch+json'
  | 'application/json-patch+json'
  | 'application/strategic-merge-patch+json'
  | 'application/apply-patch+yaml';

const PAGE_SIZE = 500;

/**
 * The verbs of the Kubernetes API on paths (see `resourcePath`). The server is trusted to answer with the
 * object that was asked for: `T` is the caller's knowledge, not something checked per object.
 *
 * Every method throws `KubeApiError` for a refusal, `KubeConnectionError` when no answer came, and the
 * signal's reason when aborted. Reads are retried while the server is overloaded; writes never are.
 */
export class KubeApi {
  readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  async get<T = unknown>(path: string, options: ReadOptions = {}): Promise<T> {
    return retryRead(options.signal, async () => {
      const request = { method: 'GET', path, ...options } satisfies RawRequest;
      return parseBody(this.transport.server, request, (await this.#ok(request)).body);
    });
  }

  /** One page. */
  async list<T extends KubeObject>(path: string, options: ListOptions = {}): Promise<KubeList<T>> {
    const { signal, timeoutMs, ...query } = options;
    const answer = await this.get<Partial<KubeList<T>> | null>(path, { signal, timeoutMs, query });
    // Every list has metadata; without items it is an empty one.
    if (answer?.metadata === undefined) {
      throw notTheServer(this.transport.server, { method: 'GET', path }, 'the answer is not a list');
    }
    return { metadata: answer.metadata, items: answer.items ?? [] };
  }

  /** All pages, as one list at one resourceVersion; begun again if the server forgets that version meanwhile. */
  async listAll<T extends KubeObject>(path: string, options: ListAllOptions<T> = {}): Promise<KubeList<T>> {
    try {
      return await this.#listPages(path, options);
    } catch (error) {
      if (!isGone(error)) throw error;
      return this.#listPages(path, options);
    }
  }

  async #listPages<T extends KubeObject>(path: string, all: ListAllOptions<T>): Promise<KubeList<T>> {
    const { keep = (item: T) => item, ...options } = all;
    const limit = options.limit ?? PAGE_SIZE;
    const items: T[] = [];
    let page = await this.list<T>(path, { ...options, limit });
    for (;;) {
      for (const item of page.items) items.push(keep(item));
      const next = page.metadata.continue;
      if (next === undefined || next === '') return { metadata: page.metadata, items };
      page = await this.list<T>(path, { ...options, limit, continue: next });
    }
  }

  async create<T extends KubeObject>(path: string, object: T | string, options: WriteOptions = {}) {
    return this.#write<T>({ method: 'POST', path, body: toJson(object) }, options);
  }

  /** Replaces the object; with a `metadata.resourceVersion` only if it is unchanged since. */
  async replace<T extends KubeObject>(path: string, object: T, options: WriteOptions = {}) {
    return this.#write<T>({ method: 'PUT', path, body: toJson(object) }, options);
  }

  /** Sends a patch of any type as it is. */
  async patch<T extends KubeObject>(
    path: string,
    patch: unknown,
    contentType: PatchType,
    options: WriteOptions & { force?: boolean | undefined } = {},
  ) {
    const body = contentType === 'application/apply-patch+yaml' ? toYaml(patch) : toJson(patch);
    return this.#write<T>({ method: 'PATCH', path, body, contentType }, options);
  }

  /** Server-side apply. `object` as text is sent to the byte. */
  async apply<T extends KubeObject>(path: string, object: KubeObject | string, options: ApplyOptions) {
    return this.patch<T>(path, object, 'application/apply-patch+yaml', options);
  }

  /** The object while something keeps it for a while (finalizers, grace), else the server's Status. */
  async delete(path: string, options: DeleteOptions = {}): Promise<UnfinishedDeletion> {
    const body = toJson({
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      propagationPolicy: options.propagationPolicy ?? 'Background',
      ...(options.uid === undefined ? {} : { preconditions: { uid: options.uid } }),
      ...(options.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: options.gracePeriodSeconds }),
      ...(options.dryRun === true ? { dryRun: ['All'] } : {}),
    });
    const { signal, timeoutMs } = options;
    const request = { method: 'DELETE', path, body, signal, timeoutMs } satisfies RawRequest;
    return parseBody(this.transport.server, request, (await this.#ok(request)).body);
  }

  /** The answer's body as it arrives: logs, watches. Not retried. */
  async stream(path: string, options: ReadOptions = {}): Promise<StreamAnswer> {
    const request = { method: 'GET', path, ...options } satisfies RawRequest;
    const answer = await this.transport.stream(request);
    if (answer.status < 300) return answer;
    const chunks: Buffer[] = [];
    for await (const chunk of answer.body) chunks.push(Buffer.from(chunk));
    throw errorFromAnswer(request, answer.status, Buffer.concat(chunks).toString(), retryAfter(answer));
  }

  async #write<T extends KubeObject>(
    request: RawRequest,
    options: WriteOptions & { force?: boolean | undefined },
  ): Promise<Written<T>> {
    const { dryRun, fieldManager, fieldValidation, force, signal, timeoutMs } = options;
    const query = { dryRun: dryRun === true ? 'All' : undefined, fieldManager, fieldValidation, force };
    const answer = await this.#ok({ ...request, query, signal, timeoutMs });
    const { server } = this.transport;
    let parsed: T | undefined;
    return {
      get object() {
        return (parsed ??= parseBody(server, request, answer.body));
      },
      created: answer.status === 201,
      warnings: readWarnings(answer.headers['warning']),
    };
  }

  async #ok(request: RawRequest) {
    const answer = await this.transport.send(request);
    if (answer.status < 300) {
      // A write's answer is not always read, so a proxy's page must not pass for success.
      if (request.method === 'GET' || isJson(answer.headers['content-type'])) return answer;
      throw notTheServer(this.transport.server, request, 'the answer is not JSON');
    }
    throw errorFromAnswer(request, answer.status, answer.body, retryAfter(answer));
  }
}

/** What a DELETE answers: a Status when the object is gone, else the object that goes. */
export type UnfinishedDeletion = Status | (KubeObject & { kind?: string });

/** JSON from a server that is trusted to send what was asked for. */
function parseBody(server: string, request: RawRequest, body: string) {
  try {
    return readJson(body);
  } catch (cause) {
    throw notTheServer(server, request, 'the answer is not JSON', { cause });
  }
}

/** Something answered that is no API server: a proxy, a captive portal, a wrong port. */
function notTheServer(
  server: string,
  { method, path }: Pick<RawRequest, 'method' | 'path'>,
  what: string,
  options?: ErrorOptions,
): KubeConnectionError {
  return new KubeConnectionError(server, false, `${method} ${path}: ${what}`, options);
}

const isJson = (contentType: string | undefined): boolean => /\bjson\b/i.test(contentType ?? '');

/**
 * The server reads an apply patch as YAML, which allows fewer characters unescaped than JSON does.
 * https://yaml.org/spec/1.1/#c-printable
 */
const NOT_IN_YAML = /[\u007F-\u0084\u0086-\u009F\uFEFF\uFFFE\uFFFF]/g;

function toJson(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** JSON that is YAML too. */
function toYaml(value: unknown): string {
  if (typeof value === 'string') return value;
  return toJson(value).replace(
    NOT_IN_YAML,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function retryAfter(answer: { headers: NodeJS.Dict<string | string[]> }): string | undefined {
  const header = answer.headers['retry-after'];
  return Array.isArray(header) ? header[0] : header;
}

/** `299 - "text"`, one header per warning; undici keeps several as an array. */
function readWarnings(header: string | string[] | undefined): string[] {
  const headers = typeof header === 'string' ? [header] : (header ?? []);
  return headers.flatMap((line) =>
    [...line.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) =>
      (match[1] ?? '').replace(/\\(.)/g, '$1'),
    ),
  );
}
