// What a container's HEALTHCHECK runs, as the images have no curl: `node health.mjs URL`, with http:// or tcp://.
// Exit code 0 when it answers (HTTP: with 2xx), 1 otherwise.
import { connect } from 'node:net';

const url = new URL(process.argv[2] ?? '');
const timeoutMs = 3_000;

process.exitCode = (await answers()) ? 0 : 1;

async function answers() {
  if (url.protocol === 'tcp:') return accepts(url.hostname, Number(url.port));
  const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) }).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.ok === true;
}

function accepts(host, port) {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const end = (ok) => () => {
      socket.destroy();
      resolve(ok);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}
