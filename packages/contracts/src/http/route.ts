import type { z } from 'zod';
import type { ProblemCode } from '../problem.js';

/** Who may call a route; how that is proved is the services' business. */
export type RouteAuth = 'public' | 'user' | 'service' | 'result-token';

export interface ResponseSpec {
  readonly description: string;
  /** Absent for answers without a body. */
  readonly schema?: z.ZodType;
  /** `application/json` when left out. */
  readonly contentType?: string;
  /** Further media types the same answer can have. */
  readonly alternatives?: readonly string[];
  /** Header name to its description. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a body may weigh before anything else is done with it. */
export interface BodyLimit {
  /** Once it is decompressed. */
  readonly bytes: number;
  /** Values that it may hold in all, the keys not counted. */
  readonly values: number;
}

/** A form: a handful of options and short texts. */
export const defaultBodyLimit: BodyLimit = { bytes: 64 * 1_024, values: 1_000 };
/** What anyone may send who has shown nothing yet: an address, a password, a token. */
export const signInBodyLimit: BodyLimit = { bytes: 4 * 1_024, values: 16 };

/** One operation of an API: validation, OpenAPI, handler types and the client all come from it. */
export interface RouteSpec {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** OpenAPI style: `/submissions/{submission_id}`. */
  readonly path: `/${string}`;
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  readonly auth: RouteAuth;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** Names in lower case. */
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
  /** What the body may weigh; `defaultBodyLimit` when left out. Routes for anyone take no compressed bodies. */
  readonly bodyLimit?: BodyLimit;
  readonly responses: Readonly<Record<number, ResponseSpec>>;
  /** What travels over the connection that the route opens: named in its description, described with the others. */
  readonly messages?: readonly z.ZodType[];
  /** The errors this route adds to those that every route can give. */
  readonly problems?: readonly ProblemCode[];
}

/** Routes by operation id. */
export type Api = Readonly<Record<string, RouteSpec>>;

/** Checks an API while keeping its exact type, from which the client and the handlers are typed. */
export const defineApi = <const A extends Api>(api: A): A => api;

type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined;
type Unparsed<T> = T extends z.ZodType ? z.input<T> : undefined;

/** What a handler gets: every part validated, coerced and with its defaults. */
export interface RouteInput<R extends RouteSpec> {
  params: Parsed<R['params']>;
  query: Parsed<R['query']>;
  headers: Parsed<R['headers']>;
  body: Parsed<R['body']>;
}

/** What a caller passes; parts without required fields may be left out. */
export type CallInput<R extends RouteSpec> = PartOf<'params', R['params']> &
  PartOf<'query', R['query']> &
  PartOf<'headers', R['headers']> &
  PartOf<'body', R['body']>;

type PartOf<Name extends string, S> = S extends z.ZodType
  ? Record<string, never> extends Unparsed<S>
    ? { [K in Name]?: Unparsed<S> }
    : { [K in Name]: Unparsed<S> }
  : unknown;

type ResponseBody<S> = S extends { schema: infer Schema extends z.ZodType } ? z.output<Schema> : undefined;

/** A handler's answer: one of the documented statuses with its own body. */
export type RouteReply<R extends RouteSpec> = {
  [Status in keyof R['responses'] & number]: {
    status: Status;
    headers?: Record<string, string>;
  } & (ResponseBody<R['responses'][Status]> extends undefined
    ? { body?: undefined }
    : { body: ResponseBody<R['responses'][Status]> });
}[keyof R['responses'] & number];

/** The body of a successful answer, as the client returns it. */
export type RouteResult<R extends RouteSpec> = {
  [Status in keyof R['responses'] & number]: ResponseBody<R['responses'][Status]>;
}[keyof R['responses'] & number];
