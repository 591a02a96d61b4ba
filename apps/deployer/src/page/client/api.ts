import type {
  DeleteAnswer,
  DeployAnswer,
  Deployment,
  JobStatus,
  Problem,
  TerminalSession,
  TerminalTicket,
} from '@cloudemy/contracts';
import { credentials, refreshSession } from './session.js';
import { askToSignIn } from './sign-in.js';

/** The service said no; `message` is its sentence, `problem` has every detail. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly problem: Problem | undefined;

  constructor(status: number, problem: Problem | undefined) {
    super(problem?.detail ?? `the service answered ${status}`);
    this.status = status;
    this.problem = problem;
  }
}

/** Relative, so that the page also works below a path of a proxy. */
const url = (path: string): string => new URL(path, document.baseURI).href;

const send = async (method: string, path: string, body?: unknown): Promise<Response> =>
  fetch(url(path), {
    method,
    headers: {
      ...(await credentials()),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  let answer = await send(method, path, body);
  // The clocks may differ, or the token was refused before its time: once more, with a fresh one.
  if (answer.status === 401 && (await refreshSession())) answer = await send(method, path, body);
  if (answer.ok) return answer.json();
  const isProblem = answer.headers.get('Content-Type')?.startsWith('application/problem+json') === true;
  const error = new ApiError(answer.status, isProblem ? await answer.json() : undefined);
  if (answer.status === 401) askToSignIn(error.message);
  throw error;
}

export interface Yaml {
  yaml_content: string;
  namespace: string;
  dry_run: boolean;
}

const job = (name: string): string => `jobs/${encodeURIComponent(name)}`;
const inNamespace = (namespace: string): string => `namespace=${encodeURIComponent(namespace)}`;

/** The calls this page makes. */
export const api = {
  deploy: (yaml: Yaml) => call<DeployAnswer>('POST', 'deploy', yaml),
  delete: (yaml: Yaml) => call<DeleteAnswer>('POST', 'delete', yaml),
  deleteDeployment: (id: string) => call<DeleteAnswer>('DELETE', `deployments/${id}`),
  deployments: () => call<{ items: Deployment[] }>('GET', 'deployments?limit=50'),
  jobStatus: (name: string, namespace: string) =>
    call<JobStatus>('GET', `${job(name)}/status?${inNamespace(namespace)}`),
  logUrl: (name: string, namespace: string) =>
    url(`${job(name)}/logs?${inNamespace(namespace)}&follow=true&tail=1000`),
  openTerminal: (name: string, namespace: string) =>
    call<TerminalSession>('POST', 'terminal/create', { job_name: name, namespace }),
  terminals: () => call<{ items: TerminalSession[] }>('GET', 'terminal/sessions?limit=200'),
  terminalTicket: (id: string) => call<TerminalTicket>('POST', `terminal/${id}/ticket`),
  endTerminal: (id: string) => call('DELETE', `terminal/${id}`),
};

/** Whether the service has said no, and not just failed to answer. */
export const isRefusal = (error: unknown): boolean => error instanceof ApiError && error.status < 500;

/** Any error in words. */
export const inWords = (error: unknown): string =>
  error instanceof TypeError
    ? 'The service cannot be reached.'
    : error instanceof Error
      ? error.message
      : String(error);
