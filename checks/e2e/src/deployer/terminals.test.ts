import type { TerminalSession } from '@cloudemy/contracts';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { credentials, deployer, deployerUrl, named, namespace, scriptJob, untilRunning } from './scene.js';

const job_name = named('terminals');
const job = scriptJob('terminals', 'sleep 3600');

beforeAll(async () => {
  await deployer.deploy({ body: job });
  await untilRunning(job_name);
});

afterAll(async () => {
  await deployer.deleteByYaml({ body: { ...job, wait: true } });
});

interface Terminal {
  send(frame: object): void;
  /** Resolves with all output so far when it holds the text. */
  until(text: string): Promise<string>;
  close(): Promise<number>;
}

/** The client of the documentation: sends `input`, writes `output.data`. */
async function connect(session: Pick<TerminalSession, 'websocket_url'>): Promise<Terminal> {
  const socket = new WebSocket(session.websocket_url);
  let screen = '';
  let wake: (() => void) | undefined;
  const closed = new Promise<number>((resolve) => {
    socket.addEventListener('close', ({ code }) => {
      resolve(code);
      wake?.();
    });
  });
  socket.addEventListener('message', ({ data }) => {
    const output: unknown = JSON.parse(String(data));
    if (typeof output === 'object' && output !== null && 'data' in output) screen += String(output.data);
    wake?.();
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', reject);
  });
  return {
    send: (frame) => {
      socket.send(JSON.stringify(frame));
    },
    until: async (text) => {
      while (!screen.includes(text)) {
        if (socket.readyState === WebSocket.CLOSED) throw new Error(`closed before ${text}: ${screen}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return screen;
    },
    close: () => {
      socket.close();
      return closed;
    },
  };
}

const open = () => deployer.createTerminal({ body: { job_name, namespace } });

test('the request and the client of the documentation work unchanged', async () => {
  const answer = await fetch(
    `${deployerUrl}/jobs/${job_name}/terminal?namespace=${namespace}&shell=/bin/sh`,
    {
      method: 'POST',
      headers: credentials,
    },
  );
  const session = (await answer.json()) as TerminalSession;
  expect(session.websocket_url).toMatch(/^ws:\/\//);
  const terminal = await connect(session);
  terminal.send({ type: 'input', data: 'echo a"b"c ü\n' });
  await terminal.until('abc ü');
  await terminal.close();
  await deployer.endTerminal({ params: { session_id: session.session_id } });
});

test('it is a real terminal: a TTY with a size, and Ctrl-C', async () => {
  const session = await open();
  const terminal = await connect(session);
  terminal.send({ type: 'resize', cols: 101, rows: 37 });
  terminal.send({ type: 'input', data: 'stty size; test -t 0 && echo is"-"tty\n' });
  await terminal.until('37 101');
  await terminal.until('is-tty');
  // The program itself says that it runs: a shell between two commands may miss a Ctrl-C.
  terminal.send({ type: 'input', data: `sh -c 'echo go"es"; exec sleep 1000'\n` });
  await terminal.until('goes');
  terminal.send({ type: 'input', data: '\u0003' });
  terminal.send({ type: 'input', data: 'echo inter"rupted"\n' });
  await terminal.until('interrupted');
  await terminal.close();
  await deployer.endTerminal({ params: { session_id: session.session_id } });
});

test('a session outlives its socket, and ends for good when it is ended', async () => {
  const session = await open();
  const first = await connect(session);
  first.send({ type: 'input', data: 'remember=this; echo se"t"\n' });
  await first.until('set');
  await first.close();
  const second = await connect(
    await deployer.createTerminalTicket({ params: { session_id: session.session_id } }),
  );
  second.send({ type: 'input', data: 'echo "<$remember>"\n' });
  await second.until('<this>');
  const list = await deployer.listTerminals({ query: { job_name } });
  expect(list.items.map(({ session_id }) => session_id)).toContain(session.session_id);
  await deployer.endJobTerminals({ params: { job_name }, query: { namespace } });
  await expect(deployer.endTerminal({ params: { session_id: session.session_id } })).rejects.toMatchObject({
    status: 404,
  });
});
