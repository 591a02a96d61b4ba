import { z } from 'zod';

/** Characters of an endpoint's own words that are kept. */
const maxSaid = 300;

const word = z
  .union([z.string(), z.number()])
  .transform(String)
  .nullish()
  .catch(undefined)
  .transform((given) => given ?? '');

/** The object in which endpoints say what was wrong; each has left out or renamed something. */
const ErrorBody = z.object({ code: word, status: word, type: word, param: word, message: word });

/** FastAPI's list of faults; their `input` would be the prompt. */
const Details = z.array(z.object({ msg: z.string() }));

const RetryInfo = z.object({ retryDelay: z.string().regex(/^\d+(\.\d+)?s$/) });

/** The endpoint of the model answered with an error: by its status, or in the body of a 200. */
export class EndpointError extends Error {
  override readonly name = 'EndpointError';
  readonly status: number;
  /** All the words by which the error can be told from others. */
  readonly marks: string;
  /** The parameter that it names. */
  readonly param: string;
  /** The endpoint's own words, cut. */
  readonly said: string;
  /** Milliseconds it wants us to wait; undefined when it does not say. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, body: unknown, headers: Headers) {
    const { error, said } = readError(body);
    super(`the endpoint answered ${status}${said === '' ? '' : `: ${said}`}`);
    this.status = status;
    this.marks = [error.code, error.status, error.type].join(' ').toLowerCase();
    this.param = error.param;
    this.said = said;
    this.retryAfterMs = waitAsked(headers) ?? delayIn(body);
  }
}

function readError(body: unknown): { error: z.output<typeof ErrorBody>; said: string } {
  const value: unknown = Array.isArray(body) ? body[0] : body;
  const inner = field(value, 'error') ?? field(value, 'errors') ?? value;
  const details = Details.safeParse(field(value, 'detail'));
  const text = [inner, field(value, 'detail'), field(value, 'message')].find(
    (one) => typeof one === 'string',
  );
  const error = ErrorBody.catch({ code: '', status: '', type: '', param: '', message: '' }).parse(
    Array.isArray(inner) ? inner[0] : inner,
  );
  const said = details.success
    ? details.data.map(({ msg }) => msg).join('; ')
    : error.message || (text ?? '');
  return { error, said: plain(said) };
}

/** An error that stands in an answer which says of itself that all is well; undefined when there is none. */
export function errorInside(body: unknown, headers: Headers): EndpointError | undefined {
  const value: unknown = Array.isArray(body) ? body[0] : body;
  const choices = field(value, 'choices');
  const first: unknown = Array.isArray(choices) ? choices[0] : undefined;
  const found = [value, first].find((one) => isSaid(field(one, 'error')));
  return found === undefined ? undefined : new EndpointError(statusIn(found), found, headers);
}

const isSaid = (error: unknown): boolean =>
  (typeof error === 'object' && error !== null) || (typeof error === 'string' && error !== '');

/** The status that an error would have had; 502 when it does not say: something failed behind the endpoint. */
function statusIn(body: unknown): number {
  const error = field(body, 'error');
  const { code, status, type } = ErrorBody.catch({
    code: '',
    status: '',
    type: '',
    param: '',
    message: '',
  }).parse(error);
  const number = [code, status].map(Number).find((one) => Number.isInteger(one) && one >= 400 && one < 600);
  if (number !== undefined) return number;
  const marks = `${code} ${status} ${type}`;
  return statuses.find(([pattern]) => pattern.test(marks))?.[1] ?? 502;
}

const statuses: readonly (readonly [RegExp, number])[] = [
  [/insufficient_quota|billing|payment/i, 402],
  [/rate.?limit|resource.?exhausted|too.?many/i, 429],
  [/api.?key|auth|permission/i, 401],
  [/not.?found/i, 404],
  [/invalid.?request|bad.?request|invalid.?argument|context_length|content_filter/i, 400],
  [/timeout/i, 408],
];

/** `retry-after-ms`, or `retry-after` in seconds or as a date. */
function waitAsked(headers: Headers): number | undefined {
  const exact = Number.parseFloat(headers.get('retry-after-ms') ?? '');
  if (Number.isFinite(exact)) return Math.max(0, exact);
  const text = (headers.get('retry-after') ?? '').trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** Google's way: a `RetryInfo` among the details. */
function delayIn(body: unknown): number | undefined {
  const value: unknown = Array.isArray(body) ? body[0] : body;
  const details = field(field(value, 'error'), 'details');
  const delays = (Array.isArray(details) ? details : []).flatMap(
    (one) => RetryInfo.safeParse(one).data ?? [],
  );
  const delay = delays[0]?.retryDelay;
  return delay === undefined ? undefined : Number.parseFloat(delay) * 1_000;
}

/** A field of an object; undefined for everything that is none. */
function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return new Map<string, unknown>(Object.entries(value)).get(name);
}

/** Without the marks of a page, in one line. */
const plain = (text: string): string =>
  text
    .replaceAll(/<(style|script)[\s\S]*?<\/\1>|<[^>]{0,500}>/gi, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, maxSaid)
    .toWellFormed();
