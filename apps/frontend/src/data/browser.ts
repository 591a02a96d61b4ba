import type { CallInput, RouteResult, deployerApi, publicApi } from '@cloudemy/contracts';
import { TroubleError, troubleOf } from './problem.ts';

type Routes<A> = {
  [K in keyof A]?: A[K] extends { method: infer M; path: infer P } ? { method: M; path: P } : never;
};

/** What pages call of the backend; the compiler holds it against the contract, which stays out of the browser. */
const api = {
  createAssignment: { method: 'post', path: '/assignments' },
  updateAssignment: { method: 'patch', path: '/assignments/{assignment_id}' },
  archiveAssignment: { method: 'post', path: '/assignments/{assignment_id}/archive' },
  regradeAssignment: { method: 'post', path: '/assignments/{assignment_id}/regrade' },
  createSubmission: { method: 'post', path: '/submissions' },
  getSubmission: { method: 'get', path: '/submissions/{submission_id}' },
  cancelSubmission: { method: 'post', path: '/submissions/{submission_id}/cancel' },
  regradeSubmission: { method: 'post', path: '/submissions/{submission_id}/regrade' },
  decideGrade: { method: 'post', path: '/submissions/{submission_id}/grade/decision' },
  createComment: { method: 'post', path: '/submissions/{submission_id}/comments' },
  requestReview: { method: 'post', path: '/submissions/{submission_id}/review-requests' },
  answerReview: {
    method: 'post',
    path: '/submissions/{submission_id}/review-requests/{request_id}/answer',
  },
  restoreGrade: { method: 'post', path: '/submissions/{submission_id}/grade/restore' },
  undoGrade: { method: 'post', path: '/submissions/{submission_id}/grade/undo' },
  estimateRegrade: { method: 'post', path: '/assignments/{assignment_id}/regrade/estimate' },
  getRegrade: { method: 'get', path: '/regrades/{regrade_id}' },
  listRegradeResults: { method: 'get', path: '/regrades/{regrade_id}/results' },
  cancelRegrade: { method: 'post', path: '/regrades/{regrade_id}/cancel' },
  resumeRegrade: { method: 'post', path: '/regrades/{regrade_id}/resume' },
  applyRegrade: { method: 'post', path: '/regrades/{regrade_id}/apply' },
  undoRegrade: { method: 'post', path: '/regrades/{regrade_id}/undo' },
  discardRegrade: { method: 'post', path: '/regrades/{regrade_id}/discard' },
  createCourse: { method: 'post', path: '/courses' },
  joinCourse: { method: 'post', path: '/courses/join' },
  updateCourse: { method: 'patch', path: '/courses/{course_id}' },
  archiveCourse: { method: 'post', path: '/courses/{course_id}/archive' },
  unarchiveCourse: { method: 'post', path: '/courses/{course_id}/unarchive' },
  openCourseEntry: { method: 'post', path: '/courses/{course_id}/entry-code' },
  closeCourseEntry: { method: 'delete', path: '/courses/{course_id}/entry-code' },
  addCoursePerson: { method: 'post', path: '/courses/{course_id}/people' },
  updateCoursePerson: { method: 'patch', path: '/courses/{course_id}/people/{user_id}' },
  removeCoursePerson: { method: 'delete', path: '/courses/{course_id}/people/{user_id}' },
  importRoster: { method: 'post', path: '/courses/{course_id}/roster' },
  createUser: { method: 'post', path: '/users' },
  updateUser: { method: 'patch', path: '/users/{user_id}' },
  inviteUser: { method: 'post', path: '/users/{user_id}/invitation' },
  endSession: { method: 'delete', path: '/users/{user_id}/sessions/{session_id}' },
  replayKeptMessage: { method: 'post', path: '/operation/dead-letters/{dead_letter_id}/replay' },
  endSessions: { method: 'delete', path: '/users/{user_id}/sessions' },
  createApiKey: { method: 'post', path: '/api-keys' },
  deleteApiKey: { method: 'delete', path: '/api-keys/{api_key_id}' },
} as const satisfies Routes<typeof publicApi>;

/** The same of the deployer. */
const bench = {
  deploy: { method: 'post', path: '/deploy' },
  listDeployments: { method: 'get', path: '/deployments' },
  getDeployment: { method: 'get', path: '/deployments/{deployment_id}' },
  deleteDeployment: { method: 'delete', path: '/deployments/{deployment_id}' },
  getJobStatus: { method: 'get', path: '/jobs/{job_name}/status' },
  createTerminal: { method: 'post', path: '/terminal/create' },
  listTerminals: { method: 'get', path: '/terminal/sessions' },
  endTerminal: { method: 'delete', path: '/terminal/{session_id}' },
  createTerminalTicket: { method: 'post', path: '/terminal/{session_id}/ticket' },
} as const satisfies Routes<typeof deployerApi>;

interface CallOptions {
  signal?: AbortSignal;
  headers?: Record<string, string>;
}

/** Calls the backend. @throws TroubleError, TypeError when it cannot be reached */
export const callApi = <K extends keyof typeof api>(
  name: K,
  input: CallInput<(typeof publicApi)[K]> & object,
  options?: CallOptions,
): Promise<RouteResult<(typeof publicApi)[K]>> => request('/api', api[name], input, options);

/** Calls the deployer. @throws TroubleError, TypeError when it cannot be reached */
export const callBench = <K extends keyof typeof bench>(
  name: K,
  input: CallInput<(typeof deployerApi)[K]> & object,
  options?: CallOptions,
): Promise<RouteResult<(typeof deployerApi)[K]>> => request('/bench', bench[name], input, options);

/** Signs in or out at the server of the pages. @throws TroubleError */
export const callSession = (
  what: 'login' | 'register' | 'invitation' | 'password' | 'logout',
  body: object,
): Promise<unknown> => request('/session', { method: 'post', path: `/${what}` }, { body });

/** Milliseconds until a call without an answer is given up. */
const timeoutMs = 30_000;

async function request<T>(
  base: string,
  route: { method: string; path: string },
  input: object,
  options: CallOptions = {},
): Promise<T> {
  const part = (name: string): [string, unknown][] => Object.entries(Reflect.get(input, name) ?? {});
  const body: unknown = Reflect.get(input, 'body');
  const values = new Map(part('params'));
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(values.get(name))),
  );
  const search = new URLSearchParams();
  for (const [name, value] of part('query')) {
    if (typeof value === 'string' && value !== '') search.set(name, value);
    if (typeof value === 'number' || typeof value === 'boolean') search.set(name, String(value));
  }
  const timeout = AbortSignal.timeout(timeoutMs);
  const answer = await fetch(`${base}${path}${search.size === 0 ? '' : `?${search}`}`, {
    method: route.method.toUpperCase(),
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...Object.fromEntries(part('headers').map(([name, value]) => [name, String(value)])),
      ...options.headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]),
    credentials: 'same-origin',
  });
  const isJson = /\bjson\b/.test(answer.headers.get('content-type') ?? '');
  const content = isJson ? await answer.json() : undefined;
  if (!answer.ok) throw new TroubleError(troubleOf(answer.status, content));
  return content;
}
