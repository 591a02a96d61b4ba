// What the scripts that run inside the cluster have in common. They are built and handed over in a ConfigMap, and run
// in an image of Cloudemy, which has Node.js and nothing of this package.

/** One line for whoever follows the log. */
export const step = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** @throws Error when the Job does not set it */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
}

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** Of whoever signed in; stays empty where nobody needs to. */
const credentials: Record<string, string> = {};

/** A service refused; the message has its own words. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** JSON in, JSON out. @throws Refused */
export async function call(
  method: string,
  url: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...credentials, ...headers },
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Refused(answer.status, `${method} ${url}: ${answer.status} ${text}`);
  return text === '' ? {} : Object(JSON.parse(text));
}

/** The data of each Server-Sent Event of a stream, until it ends. @throws Refused */
export async function* openStream(url: string): AsyncGenerator<string> {
  const answer = await fetch(url, {
    headers: { accept: 'text/event-stream', ...credentials },
    signal: AbortSignal.timeout(270_000),
  });
  if (!answer.ok || answer.body === null) {
    throw new Refused(answer.status, `GET ${url}: ${answer.status} ${await answer.text()}`);
  }
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of answer.body) {
    const lines = `${rest}${decoder.decode(chunk, { stream: true })}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('data: ')) yield line.slice('data: '.length);
  }
}

export async function signIn(backend: string): Promise<void> {
  if (setting('AUTH_MODE') === 'off') return;
  const person = { email: setting('ADMIN_EMAIL'), password: setting('ADMIN_PASSWORD') };
  const { access_token } = await call('POST', `${backend}/auth/login`, person);
  credentials['authorization'] = `Bearer ${String(access_token)}`;
  step(`signed in as ${person.email}`);
}

/** An assignment whose submissions can be graded; returns its id. */
export async function createAssignment(backend: string, title: string): Promise<string> {
  const assignment = await call('POST', `${backend}/assignments`, {
    title,
    description: 'Write a function `add(a, b)` that returns the sum of its arguments.',
    language: 'python',
    rubric: {
      criteria: [{ criterion_id: 'correct', title: 'Correct', description: '`add` is right.', points: 10 }],
    },
  });
  return String(assignment['assignment_id']);
}

/** Out of sight of those who would submit to it. */
export async function archiveAssignment(backend: string, assignment: string): Promise<void> {
  await call('POST', `${backend}/assignments/${assignment}/archive`);
}

/** Runs a script; what goes wrong is its last line, and the exit code 1. */
export async function run(script: () => Promise<void>): Promise<void> {
  try {
    await script();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
    step(`failed: ${error instanceof Error ? error.message : String(error)}${cause}`);
    process.exitCode = 1;
  }
}
