import { z } from 'zod';
import { ObjectReport } from './deployer/objects.js';

/**
 * Every error code a client can meet, with its HTTP status and a title. Codes are stable: clients branch on
 * them; sentences may change. The one table that errors are mapped from (RFC 9457).
 */
export const problemTable = {
  malformed_json: { status: 400, title: 'The body is not valid JSON' },
  malformed_request: { status: 400, title: 'The request cannot be read' },
  unauthenticated: { status: 401, title: 'Credentials are missing or not valid' },
  reauthentication_required: { status: 401, title: 'Signing in anew is needed for this' },
  invalid_result_token: { status: 401, title: 'The result token is missing, expired or for something else' },
  forbidden: { status: 403, title: 'You may not do this' },
  foreign_origin: { status: 403, title: 'The request comes from a page that may not use this service' },
  namespace_not_served: { status: 403, title: 'The namespace is not one this service may use' },
  not_found: { status: 404, title: 'There is no such thing' },
  method_not_allowed: { status: 405, title: 'The method does not exist here' },
  not_acceptable: { status: 406, title: 'None of the accepted media types can be given' },
  request_timeout: { status: 408, title: 'The request took too long to arrive' },
  conflict: { status: 409, title: 'The state of the resource does not allow this' },
  accounts_elsewhere: { status: 409, title: 'Accounts are not kept here' },
  idempotency_key_reused: { status: 409, title: 'The idempotency key was used with another body' },
  assignment_archived: { status: 409, title: 'The assignment is archived' },
  deadline_passed: { status: 409, title: 'It is too late to hand in' },
  grade_withheld: { status: 409, title: 'The grade is not shown yet' },
  submission_final: { status: 409, title: 'The submission has reached its final state' },
  stale_attempt: { status: 409, title: 'A newer attempt has taken over' },
  object_conflict: { status: 409, title: 'An object belongs to somebody else' },
  quota_exceeded: { status: 409, title: 'As much exists already as may' },
  log_not_available: { status: 409, title: 'There is no log to read yet, or any more' },
  pod_not_running: { status: 409, title: 'No pod runs that a terminal could be opened in' },
  shell_unavailable: { status: 409, title: 'The container has no such shell' },
  version_mismatch: { status: 409, title: 'The resource has changed meanwhile' },
  too_large: { status: 413, title: 'The content is larger than allowed' },
  unsupported_media_type: { status: 415, title: 'The media type of the body is not supported' },
  invalid_request: { status: 422, title: 'The request does not fit the contract' },
  invalid_manifest: { status: 422, title: 'The YAML cannot be deployed' },
  result_ungradable: { status: 422, title: 'The result could not be taken as a grade' },
  upgrade_required: { status: 426, title: 'Only a WebSocket can be opened here' },
  too_many_sessions: { status: 429, title: 'Too many terminals are open' },
  rate_limited: { status: 429, title: 'Too many requests' },
  headers_too_large: { status: 431, title: 'The header, or the path, is larger than allowed' },
  internal_error: { status: 500, title: 'Something went wrong on our side' },
  cluster_error: { status: 502, title: 'The Kubernetes API answered with an error' },
  deploy_incomplete: { status: 502, title: 'Only a part could be deployed' },
  delete_incomplete: { status: 502, title: 'Only a part could be deleted' },
  deploy_interrupted: { status: 503, title: 'The cluster broke the deployment off' },
  delete_interrupted: { status: 503, title: 'The cluster broke the deletion off' },
  unavailable: { status: 503, title: 'A part this request needs does not answer' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problemTable;

/** The table's keys as a list, in the table's order. */
export const problemCodes: readonly ProblemCode[] = Object.keys(problemTable).filter(isProblemCode);

/** Whether a string received from elsewhere is one of our codes. */
export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problemTable, code);
}

export const FieldError = z
  .object({
    in: z.enum(['body', 'query', 'path', 'header']).describe('Which part of the request.'),
    path: z.string().describe('Where in it, e.g. `rubric.criteria[0].points`; empty for the whole.'),
    reason: z.string().describe('What is wrong with it and what would be right.'),
    document: z
      .int()
      .min(1)
      .optional()
      .describe('In YAML: the document; the first is 1. `path` is then the path inside it.'),
    line: z.int().min(1).optional().describe('In YAML: the line of the whole text.'),
    column: z.int().min(1).optional(),
  })
  .meta({ id: 'FieldError' });
export type FieldError = z.output<typeof FieldError>;

export const Problem = z
  .object({
    type: z.string().describe('`urn:cloudemy:problem:` and the code.'),
    title: z.string(),
    status: z.int(),
    code: z.string().describe('Stable; branch on this.'),
    detail: z.string().describe('What happened to this request and what to do about it.'),
    request_id: z.string().describe('Also in the log and in the `X-Request-Id` header.'),
    errors: z
      .array(FieldError)
      .optional()
      .describe('The faults found in the request, the first ones at once.'),
    errors_omitted: z.int().min(1).optional().describe('How many more faults there are.'),
    deployment_id: z
      .string()
      .optional()
      .describe('The deployment that was left incomplete or is in the way.'),
    objects: z
      .array(ObjectReport)
      .optional()
      .describe('What became of each object, when only a part could be deployed or deleted.'),
    objects_omitted: z.int().min(1).optional().describe('How many more objects there are.'),
  })
  .meta({ id: 'Problem', description: 'An error, as RFC 9457 problem+json.' });
export type Problem = z.output<typeof Problem>;

export const problemMediaType = 'application/problem+json';
