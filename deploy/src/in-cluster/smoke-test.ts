// Opens a page, follows a submission by its event stream until it is graded, then opens a terminal into a Job: as browsers
// do, all through the frontend. One line per step.
import {
  archiveAssignment,
  call,
  createAssignment,
  openStream,
  pause,
  run,
  setting,
  signIn,
  step,
} from './client.js';

async function openPage(frontend: string): Promise<void> {
  const answer = await fetch(`${frontend}/`, { signal: AbortSignal.timeout(60_000) });
  const page = await answer.text();
  if (!answer.ok || !page.includes('<html')) {
    throw new Error(`GET ${frontend}/: ${answer.status} ${page.slice(0, 200)}`);
  }
  step(`page served: ${new URL(answer.url).pathname}`);
}

async function gradeSubmission(backend: string): Promise<void> {
  const assignment = await createAssignment(backend, 'Smoke test');
  const created = await call('POST', `${backend}/submissions`, {
    assignment_id: assignment,
    code: 'def add(a, b):\n    return a + b\n',
  });
  const url = `${backend}/submissions/${String(created['submission_id'])}`;
  // It ends after the event of a final state; a connection that breaks before is opened again.
  let seen = '';
  for (;;) {
    for await (const data of openStream(`${url}/events`)) {
      const { status } = Object(JSON.parse(data));
      if (status !== seen) step(`submission ${String(status)}`);
      seen = String(status);
    }
    const { status, score, max_score, failure } = await call('GET', url);
    if (status === 'graded') {
      step(`graded: ${String(score)} of ${String(max_score)}`);
      break;
    }
    if (status === 'failed' || status === 'cancelled') {
      throw new Error(`the submission was not graded: ${String(Object(failure)['message'] ?? status)}`);
    }
    await pause(500);
  }
  await archiveAssignment(backend, assignment);
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

await run(async () => {
  const frontend = setting('FRONTEND_URL');
  await openPage(frontend);
  await signIn(`${frontend}/api`);
  await gradeSubmission(`${frontend}/api`);
  await openTerminal(`${frontend}/bench`, setting('BENCHMARK_NAMESPACE'), setting('BENCHMARK_IMAGE'));
  step('all is well');
});
