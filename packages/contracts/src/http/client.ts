import { Problem, problemMediaType } from '../problem.js';
import type { Api, CallInput, RouteResult, RouteSpec } from './route.js';

/** The server answered with an error. */
export class ProblemAnswer extends Error {
  override readonly name = 'ProblemAnswer';
  readonly status: number;
  readonly problem: Problem | undefined;
  /** Seconds the server asks to wait, from `Retry-After`. */
  readonly retryAfter: number | undefined;

  constructor(status: number, problem: Problem | undefined, retryAfter: number | undefined) {
    super(problem?.detail ?? `the server answered ${status}`);
    this.status = status;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

export interface ClientOptions {
  baseUrl: string;
  headers?: Record<string, string>;
  /** Milliseconds until a call without an answer is given up; 30,000 when left out. */
  timeoutMs?: number;
  /** Sends the requests; the global `fetch` when left out. */
  fetch?: Fetch;
}

/** What the client needs of `fetch`. */
export type Fetch = (url: string, request: FetchRequest) => Promise<FetchAnswer>;

export interface FetchRequest {
  method: string;
  headers: Record<string, string>;
  body?: string;
  signal: AbortSignal;
}

export type FetchAnswer = Pick<Response, 'ok' | 'status' | 'text'> & { headers: Pick<Headers, 'get'> };

export interface CallOptions {
  signal?: AbortSignal;
  headers?: Record<string, string>;
}

export type Client<A extends Api> = {
  [K in keyof A]: (input: CallInput<A[K]>, options?: CallOptions) => Promise<RouteResult<A[K]>>;
};

/**
 * A typed client: one method per operation. JSON answers are parsed and checked against the contract, others
 * come as text. A method throws `ProblemAnswer` for an error status, `TypeError` when the server cannot be
 * reached, `TimeoutError` when it does not answer in time, `ZodError` when the answer breaks the contract.
 */
export function createClient<A extends Api>(api: A, options: ClientOptions): Client<A> {
  const methods: Record<string, unknown> = Object.fromEntries(
    Object.entries(api).map(([name, route]) => [
      name,
      (input: RawInput, call?: CallOptions) => request(route, input, options, call),
    ]),
  );
  // The mapped type cannot be built key by key: this is where the routes' types become methods.
  return methods as Client<A>;
}

interface RawInput {
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
  headers?: Record<string, unknown>;
  body?: unknown;
}

async function request(route: RouteSpec, input: RawInput, options: ClientOptions, call?: CallOptions) {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? 30_000);
  const answer = await (options.fetch ?? fetch)(urlFor(route, input, options.baseUrl), {
    method: route.method.toUpperCase(),
    headers: {
      ...(input.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
      ...strings(input.headers),
      ...call?.headers,
    },
    ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
    signal: call?.signal === undefined ? timeout : AbortSignal.any([timeout, call.signal]),
  });
  const text = await answer.text();
  if (!answer.ok) throw problemFrom(answer, text);
  const declared = route.responses[answer.status];
  // A page of a proxy in between is no success of the call, whatever its status.
  if (declared === undefined) throw new ProblemAnswer(answer.status, undefined, undefined);
  if (declared.schema === undefined) return undefined;
  return declared.schema.parse(isJson(answer) ? JSON.parse(text) : text);
}

function urlFor(route: RouteSpec, input: RawInput, baseUrl: string): string {
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(input.params?.[name])),
  );
  const query = new URLSearchParams(strings(input.query)).toString();
  return `${baseUrl.replace(/\/+$/, '')}${path}${query === '' ? '' : `?${query}`}`;
}

function strings(values: Record<string, unknown> | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values ?? {})
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]),
  );
}

const isJson = (answer: FetchAnswer): boolean => /\bjson\b/.test(answer.headers.get('content-type') ?? '');

function problemFrom(answer: FetchAnswer, text: string): ProblemAnswer {
  const retryAfter = Number(answer.headers.get('retry-after') ?? Number.NaN);
  return new ProblemAnswer(
    answer.status,
    answer.headers.get('content-type')?.startsWith(problemMediaType) === true
      ? Problem.safeParse(JSON.parse(text)).data
      : undefined,
    Number.isFinite(retryAfter) ? retryAfter : undefined,
  );
}
