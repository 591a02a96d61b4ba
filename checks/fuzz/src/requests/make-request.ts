import type { AccessTable } from '@cloudemy/contracts';
import type { Operation, Parameter } from '../document/document.js';
import { type Person, scopesIn } from '../people/person.js';
import { hostileString, toJson } from '../values/hostile.js';
import type { Random } from '../values/random.js';
import { spoil } from '../values/spoil.js';
import type { ValidValues } from '../values/valid.js';
import type { FuzzRequest } from './request.js';
import { twist } from './twists.js';

export interface RequestParts {
  random: Random;
  valid: ValidValues;
  /** Bearer tokens by the name of the security scheme that takes them. */
  credentials: Readonly<Record<string, string>>;
  people: readonly Person[];
  access: AccessTable;
}

type Where = Parameter['in'] | 'body';

/** Header values may hold no more (RFC 9110, 5.5). */
const notInHeaders = /[^\t\x20-\x7e\x80-\xff]/g;
const mostHeader = 8_000;

/** How far a request is from the document: not at all, one thing wrong in one of its parts, or beyond it. */
type Manner = 'as documented' | 'spoiled' | 'twisted';

const manners: readonly Manner[] = ['as documented', 'as documented', 'spoiled', 'spoiled', 'twisted'];

/** A request for an operation, in any manner when none is named. */
export function makeRequest(
  operation: Operation,
  parts: RequestParts,
  manner: Manner = parts.random.pick(manners),
): FuzzRequest {
  const { random, valid } = parts;
  const present: Where[] = [
    ...operation.parameters.map((parameter) => parameter.in),
    ...(operation.body === undefined ? [] : (['body', 'body', 'body'] as const)),
  ];
  const spoiled = manner === 'spoiled' && present.length > 0 ? random.pick(present) : undefined;
  const value = (parameter: Parameter): string =>
    spoiled === parameter.in && random.chance(0.7)
      ? hostileString(random)
      : String(valid.of(parameter.schema, parameter.name));
  // Few at a time as a rule: many options exclude each other.
  const share = random.pick([0, 0.15, 0.5]);
  const isKey = (name: string): boolean => operation.security.length > 0 && name.endsWith('-token');
  const chosen = operation.parameters.filter(
    ({ name, required }) => required || isKey(name) || random.chance(share),
  );
  const path = chosen
    .filter((parameter) => parameter.in === 'path')
    .reduce(
      (text, parameter) => text.replace(`{${parameter.name}}`, escapeText(value(parameter))),
      operation.path,
    );
  const query = chosen
    .filter((parameter) => parameter.in === 'query')
    .map((parameter) => `${parameter.name}=${escapeText(value(parameter))}`);
  if (spoiled === 'query' && random.chance(0.3)) query.push(`${escapeText(hostileString(random))}=1`);
  const headers: Record<string, string> = {};
  for (const parameter of chosen) {
    if (parameter.in === 'header') headers[parameter.name] = forHeader(value(parameter));
  }
  for (const scheme of operation.security) {
    const token = scheme === 'user' ? tokenOf(operation, parts) : parts.credentials[scheme];
    if (token !== undefined && random.chance(0.95)) headers['authorization'] = `Bearer ${token}`;
  }
  const request: FuzzRequest = {
    operation,
    method: operation.method.toUpperCase(),
    path: query.length === 0 ? path : `${path}?${query.join('&')}`,
    headers,
    body: undefined,
  };
  if (operation.body !== undefined) {
    const body = valid.of(operation.body);
    request.headers['content-type'] = 'application/json';
    request.body = Buffer.from(toJson(spoiled === 'body' ? spoil(body, random) : body));
  }
  return spared(manner === 'twisted' ? twist(request, random) : request, parts.people);
}

/**
 * Nobody who makes requests is signed out, disabled or given other roles by one: what the table gives them has to be
 * what they have. Other users are.
 */
function spared(request: FuzzRequest, people: readonly Person[]): FuzzRequest {
  if (request.method !== 'PATCH' && request.method !== 'DELETE') return request;
  const path = people.reduce((text, { userId }) => text.replaceAll(userId, nobody), request.path);
  return { ...request, path };
}

const nobody = 'f'.repeat(24);

/** Mostly of somebody who may do it, or most would be refused and prove little. */
function tokenOf({ id }: Operation, { random, people, access }: RequestParts): string | undefined {
  const allowed = people.filter((person) => (scopesIn(access, id, person)?.length ?? 0) > 0);
  const from = allowed.length > 0 && random.chance(0.7) ? allowed : people;
  return from.length === 0 ? undefined : random.pick(from).token;
}

/** Percent-encoded; half a surrogate pair, which cannot be, becomes the replacement character. */
const escapeText = (text: string): string => encodeURIComponent(text.toWellFormed()).slice(0, mostHeader);

const forHeader = (text: string): string => text.replaceAll(notInHeaders, '?').slice(0, mostHeader);
