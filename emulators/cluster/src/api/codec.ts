import { LineCounter, parseAllDocuments } from 'yaml';
import { isObject, scalarText } from '../json.js';
import type { JsonObject } from '../json.js';
import { decode, DecodeError } from '../schema/decode.js';
import { rootType } from '../schema/field-types.js';
import type { KindInfo } from '../schema/kinds.js';
import { apiVersion, kindNamed } from '../schema/kinds.js';
import { ApiError, badRequest } from '../store/api-error.js';

export type Validation = 'Ignore' | 'Warn' | 'Strict';

const accepted =
  'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml';

/** `application/json; charset=utf-8` is `application/json`; none at all is JSON too. */
export function mediaType(header: string | undefined): string {
  return (header ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** YAML 1.1, as the server reads it: a bare `y` is true. Further documents are ignored. */
export function parseYaml(text: string): unknown {
  const lines = new LineCounter();
  const [document] = parseAllDocuments(text, { version: '1.1', uniqueKeys: false, lineCounter: lines });
  if (document === undefined || !('errors' in document)) {
    return null;
  }
  const [error] = document.errors;
  if (error !== undefined) {
    // At the end of the text the fault is on its last line, not on the empty one behind it.
    const { line } = lines.linePos(Math.min(error.pos[0], text.trimEnd().length));
    throw new SyntaxError(`yaml: line ${line}: did not find expected node content`, { cause: error });
  }
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  return JSON.parse(JSON.stringify(value ?? null));
}

/** @throws SyntaxError for what is no JSON, or nested too deeply. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof RangeError) {
      throw new SyntaxError('exceeded max depth', { cause: error });
    }
    throw error;
  }
}

const goEnvelope =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

function excerpt(body: Buffer, printable: boolean): string {
  if (body.length === 0) {
    return '<empty>';
  }
  if (printable) {
    return body.length > 30 ? `${body.toString('utf8', 0, 30)} ...` : body.toString('utf8');
  }
  return body.length > 30 ? `${body.toString('hex', 0, 30)} ...` : body.toString('hex');
}

function unrecognized(kind: string, why: string, shown: string): ApiError {
  return badRequest(`the object provided is unrecognized (must be of type ${kind}): ${why} (${shown})`);
}

/** @throws ApiError 400 for a body that does not parse, 415 for a media type that is not read. */
function parseBody(body: Buffer, contentType: string | undefined, kind: string): unknown {
  const media = mediaType(contentType);
  if (!['', 'application/json', 'application/yaml'].includes(media)) {
    throw new ApiError(415, 'UnsupportedMediaType', accepted);
  }
  const yaml = media === 'application/yaml';
  try {
    return yaml ? parseYaml(body.toString('utf8')) : parseJson(body.toString('utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : scalarText(error);
    throw yaml
      ? unrecognized(kind, why, excerpt(body, false))
      : unrecognized(kind, `couldn't get version/kind; json parse error: ${why}`, excerpt(body, true));
  }
}

function checkKind(info: KindInfo, value: JsonObject): void {
  const kind = value['kind'] ?? info.kind;
  const version = value['apiVersion'] ?? apiVersion(info);
  if (kind === info.kind && version === apiVersion(info)) {
    return;
  }
  const short = scalarText(version).split('/').pop() ?? '';
  const prefix = `${scalarText(kind)} in version "${short}" cannot be handled as a ${info.kind}: `;
  if (kindNamed(scalarText(version), scalarText(kind)) === undefined) {
    throw badRequest(
      `${prefix}no kind "${scalarText(kind)}" is registered for version "${scalarText(version)}" in scheme "pkg/api/legacyscheme/scheme.go:30"`,
    );
  }
  const group = info.group === '' ? 'core' : info.group;
  throw badRequest(
    `${prefix}converting (${short}.${scalarText(kind)}) to (${group}.${info.kind}): unknown conversion`,
  );
}

/**
 * Checks a value against the fields of its kind.
 * @throws ApiError 400 for a wrong type and, when Strict, for unknown fields.
 */
export function decodeObject(
  info: KindInfo,
  parsed: unknown,
  validation: Validation,
  warn: (message: string) => void,
): JsonObject {
  const value = isObject(parsed) ? parsed : {};
  checkKind(info, value);
  const prefix = `${info.kind} in version "${info.version}" cannot be handled as a ${info.kind}: `;
  try {
    const { object, unknown } = decode(value, rootType(apiVersion(info), info.kind) ?? info.kind);
    const faults = unknown.map((field) => `unknown field "${field}"`);
    if (faults.length > 0 && validation === 'Strict') {
      throw badRequest(`${prefix}strict decoding error: ${faults.join(', ')}`);
    }
    if (validation === 'Warn') {
      faults.forEach(warn);
    }
    return { ...object, kind: info.kind, apiVersion: apiVersion(info) };
  } catch (error) {
    if (error instanceof DecodeError) {
      throw badRequest(prefix + error.message, error);
    }
    throw error;
  }
}

/** Reads the object of a POST or PUT. */
export function readObject(
  info: KindInfo,
  body: Buffer,
  contentType: string | undefined,
  validation: Validation,
  warn: (message: string) => void,
): JsonObject {
  const parsed = parseBody(body, contentType, info.kind);
  if (parsed !== null && !isObject(parsed)) {
    const type = Array.isArray(parsed) ? 'array' : typeof parsed;
    throw unrecognized(
      info.kind,
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${type} into Go value of type ${goEnvelope}`,
      excerpt(body, false),
    );
  }
  return decodeObject(info, parsed, validation, warn);
}
