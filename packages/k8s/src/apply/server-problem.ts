import { KubeApiError, KubeConnectionError } from '../cluster/errors.js';
import type { StatusCause } from '../objects/types.js';

export type ServerProblemCode =
  | 'unknown_kind'
  | 'not_namespaced'
  | 'namespace_missing'
  | 'unknown_field'
  | 'duplicate_field'
  | 'invalid'
  | 'wrong_type'
  | 'immutable'
  | 'conflict'
  | 'exists'
  | 'forbidden'
  | 'quota_exceeded'
  | 'admission_refused'
  | 'too_large'
  | 'busy'
  | 'unreachable'
  | 'server_error';

/** Why the server did not take a document. */
export interface ServerProblem {
  code: ServerProblemCode;
  /** The field, as the server names it; feed it to `ManifestDocument.positionOf`. */
  path?: string;
  message: string;
  /** What to do about it, where that is known. */
  remedy?: string;
}

/** A document the server did not take; one problem per fault it named. */
export class ApplyError extends Error {
  override readonly name = 'ApplyError';
  readonly problems: readonly ServerProblem[];

  constructor(problems: readonly ServerProblem[], options?: ErrorOptions) {
    super(problems.map(({ message }) => message).join('; '), options);
    this.problems = problems;
  }
}

const IMMUTABLE_REMEDY = 'delete the object first, or give it another name';

/**
 * Sorts a refusal into problems. What is not the server's or the connection's doing is thrown on.
 * @param kind of the document: the server repeats wrong values in its messages, and those of a Secret stay secret
 */
export function toServerProblems(error: unknown, kind?: string): ServerProblem[] {
  const problems = sortRefusal(error);
  return kind === 'Secret' ? problems.map((problem) => withoutValue(problem)) : problems;
}

/** Faults told in words of the server's, or of a webhook's, which may quote what they do not like. */
const quoting = new Set<ServerProblemCode>(['invalid', 'server_error', 'admission_refused']);

function withoutValue(problem: ServerProblem): ServerProblem {
  if (problem.code === 'wrong_type') return { ...problem, remedy: quoteIt };
  if (!quoting.has(problem.code)) return problem;
  return {
    ...problem,
    message: 'the cluster does not take it (why is not shown, as that may quote the Secret)',
  };
}

function sortRefusal(error: unknown): ServerProblem[] {
  if (error instanceof KubeConnectionError) {
    return [
      { code: 'unreachable', message: `the cluster did not answer: ${error.what}`, remedy: 'try again' },
    ];
  }
  if (!(error instanceof KubeApiError)) throw error;
  switch (error.status) {
    case 400:
      return (
        strictErrors(error.message) ?? unmarshalError(error.message) ?? [plain('invalid', error.message)]
      );
    case 403:
      return [forbidden(error)];
    case 404:
      return [notFound(error)];
    case 409:
      return conflicts(error);
    case 413:
      return [plain('too_large', 'the object is larger than the cluster takes')];
    case 422:
      return invalid(error);
    case 429:
    case 503:
    case 504:
      return [
        { code: 'busy', message: `the cluster is overloaded: ${error.message}`, remedy: 'try again later' },
      ];
    default:
      return typedErrors(error.message) ?? [plain('server_error', error.message)];
  }
}

function plain(code: ServerProblemCode, message: string, remedy?: string): ServerProblem {
  return { code, message, ...(remedy === undefined ? {} : { remedy }) };
}

/** `strict decoding error: unknown field "spec.a", duplicate field "b"` */
function strictErrors(message: string): ServerProblem[] | undefined {
  if (!message.includes('strict decoding error')) return undefined;
  return [...message.matchAll(/(unknown|duplicate) field "((?:[^"\\]|\\.)*)"/g)].map(([, what, path = '']) =>
    what === 'unknown'
      ? { code: 'unknown_field', path, message: `there is no field ${path}`, remedy: 'remove or correct it' }
      : { code: 'duplicate_field', path, message: `the field ${path} is there twice`, remedy: 'remove one' },
  );
}

/**
 * Server-side apply answers what does not fit the schema with a 500:
 * `failed to create typed patch object (ns/x; v1, Kind=Y): .spec.a: field not declared in schema`, or several
 * indented under `errors:`.
 */
function typedErrors(message: string): ServerProblem[] | undefined {
  const start = /failed to create typed \w+ object \([^)]*\): /.exec(message);
  if (start === null) return undefined;
  const lines = message.slice(start.index + start[0].length).split('\n');
  const faults = lines.flatMap((line) => {
    const fault = /^\s*(\.\S*(?: \S+\])?): (.+)$/.exec(line);
    return fault === null ? [] : [typedError(fault[1] ?? '', fault[2] ?? '')];
  });
  return faults.length === 0 ? undefined : faults;
}

function typedError(path: string, fault: string): ServerProblem {
  if (fault === 'field not declared in schema') {
    return {
      code: 'unknown_field',
      path,
      message: `there is no field ${path}`,
      remedy: 'remove or correct it',
    };
  }
  // The value is printed as a structure of the server's own language.
  const words = fault.replace(/got &value\.\w+\{Value:(.*?)\}$/, 'got $1');
  const typed = /^expected (string|numeric|boolean|list|map)\b.*?, got (.*)$/s.exec(words);
  if (typed !== null) return wrongType(path, typed[1] ?? '', typed[2] ?? '');
  const isDuplicate = fault.startsWith('duplicate entries');
  return { code: isDuplicate ? 'duplicate_field' : 'invalid', path, message: words };
}

const quoteIt = 'put it in quotes';

/** What a field must be, in words, and how to make it so. */
const TYPES: Readonly<Record<string, readonly [string, string]>> = {
  string: ['must be text', quoteIt],
  numeric: ['must be a number', 'leave out the quotes'],
  boolean: ['must be true or false', 'leave out the quotes'],
  list: ['must be a list', 'begin each of its items with a dash'],
  map: ['must be an object', 'write its fields as key: value, indented'],
};

function wrongType(path: string, expected: string, got: string): ServerProblem {
  const [message, remedy] = TYPES[expected] ?? [`must be of the type ${expected}`, 'correct it'];
  const example = expected === 'string' && /^[-\w.]{1,40}$/.test(got) ? `: ${JSON.stringify(got)}` : '';
  return { code: 'wrong_type', path, message, remedy: `${remedy}${example}` };
}

const GO_TYPES: Readonly<Record<string, string>> = { string: 'string', bool: 'boolean' };

/** `json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string` */
function unmarshalError(message: string): ServerProblem[] | undefined {
  const fault = /cannot unmarshal \w+ into Go struct field \w+\.(\S+) of type (\S+)/.exec(message);
  if (fault === null) return undefined;
  const [, path = '', type = ''] = fault;
  const expected =
    GO_TYPES[type] ??
    (/^u?int|^float/.test(type)
      ? 'numeric'
      : type.startsWith('[]')
        ? 'list'
        : type.startsWith('map')
          ? 'map'
          : type);
  return [wrongType(path, expected, '')];
}

function forbidden(error: KubeApiError): ServerProblem {
  const { message } = error;
  if (/exceeded quota|failed quota/.test(message)) return plain('quota_exceeded', message);
  if (error.details.causes?.some(({ reason }) => reason === 'NamespaceTerminating') === true) {
    return plain('namespace_missing', 'the namespace is being deleted', 'wait, or use another namespace');
  }
  if (/cannot (create|patch|get|delete|update)/.test(message)) {
    return plain('forbidden', `the cluster does not allow the deployer this: ${message}`, 'ask its operator');
  }
  return plain('admission_refused', `the cluster's rules do not allow this object: ${message}`);
}

function notFound(error: KubeApiError): ServerProblem {
  if (error.details.kind === 'namespaces') {
    return plain('namespace_missing', `there is no namespace ${error.details.name ?? ''}`, 'create it first');
  }
  return plain('unknown_kind', `the cluster does not know this kind: ${error.message}`);
}

function conflicts(error: KubeApiError): ServerProblem[] {
  if (error.reason === 'AlreadyExists') {
    return [plain('exists', error.message, 'delete the object first, or give it another name')];
  }
  const causes = error.details.causes?.filter(({ reason }) => reason === 'FieldManagerConflict') ?? [];
  if (causes.length === 0) return [plain('conflict', error.message, 'try again')];
  return causes.map(({ field, message = '' }) => ({
    code: 'conflict',
    ...(field === undefined ? {} : { path: field }),
    message: `${field ?? 'a field'} is managed by ${/conflict with "([^"]*)"/.exec(message)?.[1] ?? 'another client'}`,
    remedy: 'leave the field out, or deploy with force to take it over',
  }));
}

function invalid(error: KubeApiError): ServerProblem[] {
  const causes = error.details.causes ?? [];
  if (causes.length === 0) return [plain('invalid', error.message)];
  return causes.map((cause) => fromCause(cause));
}

function fromCause({ field, message = '' }: StatusCause): ServerProblem {
  const path = field === undefined || field === '<nil>' || field === '[]' ? {} : { path: field };
  const name = field ?? 'the object';
  if (
    /field is immutable|updates? to .* (is|are) forbidden|may not (change|be changed)|pod updates may not/is.test(
      message,
    )
  ) {
    // The server prints the whole old and new value in its own language's notation: left out.
    return {
      code: 'immutable',
      ...path,
      message: `${name} cannot be changed once the object exists`,
      remedy: IMMUTABLE_REMEDY,
    };
  }
  const words = message.slice(0, 500);
  return { code: 'invalid', ...path, message: field === undefined ? words : words.replace(`${name}: `, '') };
}
