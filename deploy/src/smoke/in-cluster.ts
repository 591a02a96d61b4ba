// Runs inside the cluster, in an image of Cloudemy that has Node.js and nothing of this package: built, this one
// file is handed over in a ConfigMap. Grades a submission, then opens a terminal into a Job; one line per step.

const step = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** Of whoever signed in; stays empty where nobody needs to. */
const credentials: Record<string, string> = {};

/** JSON in, JSON out; a refusal becomes an error with the service's own words. */
async function call(method: string, url: string, body?: object): Promise<Record<string, unknown>> {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...credentials },
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${text}`);
  return text === '' ? {} : Object(JSON.parse(text));
}

async function signIn(backend: string): Promise<void> {
  if (setting('AUTH_MODE') === 'off') return;
  const person = { email: setting('ADMIN_EMAIL'), password: setting('ADMIN_PASSWORD') };
  const { access_token } = await call('POST', `${backend}/auth/login`, person);
  credentials['authorization'] = `Bearer ${String(access_token)}`;
  step(`signed in as ${person.email}`);
}

async function gradeSubmission(backend: string): Promise<void> {
  const assignment = await call('POST', `${backend}/assignments`, {
    title: 'Smoke test',
    description: 'Write a function `add(a, b)` that returns the sum of its arguments.',
    language: 'python',
    rubric: {
      criteria: [{ criterion_id: 'correct', title: 'Correct', description: '`add` is right.', points: 10 }],
    },
  });
  const created = await call('POST', `${backend}/submissions`, {
    assignment_id: assignment['assignment_id'],
    code: 'def add(a, b):\n    return a + b\n',
  });
  const url = `${backend}/submissions/${String(created['submission_id'])}`;
  let shown = '';
  for (;;) {
    const { status, score, max_score, failure, waiting } = await call('GET', url);
    const words = Object(waiting)['message'];
    const line = `submission ${String(status)}${typeof words === 'string' ? `: ${words}` : ''}`;
    if (line !== shown) step(line);
    shown = line;
    if (status === 'graded') {
      step(`graded: ${String(score)} of ${String(max_score)}`);
      break;
    }
    if (status === 'failed' || status === 'cancelled') {
      throw new Error(`the submission was not graded: ${String(Object(failure)['message'] ?? status)}`);
    }
    await pause(500);
  }
  await call('POST', `${backend}/assignments/${String(assignment['assignment_id'])}/archive`);
}

/** A Job that passes the strictest policy; its image is one that the nodes have already. */
function sleeper(name: string, image: string): string {
  return JSON.stringify({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: 300,
      template: {
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: 1,
          automountServiceAccountToken: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 10_001,
            runAsGroup: 10_001,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: 'main',
              image,
              command: ['sh', '-c', 'sleep 300'],
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
              resources: {
                requests: { cpu: '10m', memory: '16Mi' },
                limits: { cpu: '100m', memory: '64Mi' },
              },
            },
          ],
        },
      },
    },
  });
}

async function openTerminal(deployer: string, namespace: string, image: string): Promise<void> {
  const job = `smoke-${Date.now().toString(36)}`;
  const yaml = { yaml_content: sleeper(job, image), namespace };
  await call('POST', `${deployer}/deploy`, yaml);
  try {
    let shown = '';
    for (;;) {
      const status = await call('GET', `${deployer}/jobs/${job}/status?namespace=${namespace}`);
      const pods: unknown[] = Array.isArray(status['pods']) ? status['pods'] : [];
      if (pods.some((pod) => Object(pod)['phase'] === 'Running')) break;
      if (status['finished'] === true) throw new Error(`the Job ended: ${String(status['message'])}`);
      const line = `benchmark Job: ${String(status['message'])}`;
      if (line !== shown) step(line);
      shown = line;
      await pause(500);
    }
    const session = await call('POST', `${deployer}/terminal/create`, { job_name: job, namespace });
    await typeAndRead(String(session['websocket_url']));
    step('terminal: typed a command and read its output');
  } finally {
    await call('POST', `${deployer}/delete`, yaml);
  }
}

/** Types a sum and waits for its result, which an echo of the keys does not hold. */
function typeAndRead(url: string): Promise<void> {
  const socket = new WebSocket(url);
  let screen = '';
  return new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`the terminal at ${url} showed no result within 30 s, but: ${screen}`));
    }, 30_000);
    socket.addEventListener('open', () => {
      socket.send(JSON.stringify({ type: 'input', data: 'echo result-$((6 * 7))\n' }));
    });
    socket.addEventListener('message', ({ data }) => {
      screen += String(Object(JSON.parse(String(data)))['data'] ?? '');
      if (!screen.includes('result-42')) return;
      clearTimeout(timer);
      resolve();
    });
    socket.addEventListener('close', ({ code, reason }) => {
      clearTimeout(timer);
      reject(new Error(`the terminal at ${url} closed: ${code} ${reason}`));
    });
  }).finally(() => {
    socket.close();
  });
}

try {
  await signIn(setting('BACKEND_URL'));
  await gradeSubmission(setting('BACKEND_URL'));
  await openTerminal(setting('DEPLOYER_URL'), setting('BENCHMARK_NAMESPACE'), setting('BENCHMARK_IMAGE'));
  step('all is well');
} catch (error) {
  const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
  step(`failed: ${error instanceof Error ? error.message : String(error)}${cause}`);
  process.exitCode = 1;
}

export {};
