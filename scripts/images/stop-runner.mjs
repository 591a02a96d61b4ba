import { once } from 'node:events';
import { createServer } from 'node:http';

const submission = { submission_id: '66f0c0ffee00000000000001', attempt: 1, status: 'failed', score: null };

/**
 * Starts the runner's image as a pod would, tells it to stop while it waits for its submission, and sees what it does:
 * it must report that it was stopped and end with 0.
 *
 * @param docker runs Docker with these arguments and gives what it prints
 * @param graceSeconds until it is killed
 * @returns what is wrong, in words; nothing when all is well
 */
export async function stopRunner(docker, { image, graceSeconds }) {
  const backend = createServer((request, response) => {
    request.resume();
    backend.emit(`called:${request.method}`);
    // The submission is never handed out, so that the runner is at work when it is told to stop.
    if (request.method === 'GET') return;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(submission));
  });
  backend.listen(0, '127.0.0.1');
  await once(backend, 'listening');
  const asked = once(backend, 'called:GET');
  let reported = false;
  backend.on('called:POST', () => (reported = true));
  const env = {
    SUBMISSION_ID: submission.submission_id,
    // Nothing listens there: it asks the backend.
    REDIS_URL: 'redis://127.0.0.1:1',
    BACKEND_INTERNAL_URL: `http://127.0.0.1:${backend.address().port}/internal`,
    INTERNAL_RESULT_TOKEN: 'check',
    LLM_API_KEY: 'check',
  };
  const variables = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  const options = ['--detach', '--network=host', '--read-only', '--cap-drop=ALL', ...variables];
  const id = (await docker('run', ...options, image)).trim();
  try {
    await asked;
    await docker('stop', '--time', String(graceSeconds), id);
    const code = Number(await docker('inspect', '--format', '{{.State.ExitCode}}', id));
    return [
      ...(code === 0 ? [] : [`the runner ended with ${code} on SIGTERM`]),
      ...(reported ? [] : ['the runner ended without reporting why']),
    ];
  } finally {
    await docker('rm', '--force', id);
    backend.closeAllConnections();
    backend.close();
  }
}
