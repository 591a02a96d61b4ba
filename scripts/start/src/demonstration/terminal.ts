import { TerminalServerFrame } from '@cloudemy/contracts';

/**
 * Types one command into a terminal and gives what it prints, by the JSON protocol of the API.
 *
 * @throws Error when the terminal ends before the command has.
 */
export async function runInTerminal(url: string, command: string, signal: AbortSignal): Promise<string[]> {
  const socket = new WebSocket(url);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const give = (): void => {
    reject(signal.reason);
  };
  signal.addEventListener('abort', give);
  // The shell echoes what is typed: marks that only a run of the command puts together tell output from echo.
  const marks = ['cloudemy-begin', 'cloudemy-end'] as const;
  let screen = '';
  socket.addEventListener('open', () => {
    const data = `stty -echo; echo cloudemy"-"begin; ${command}; echo cloudemy"-"end\n`;
    socket.send(JSON.stringify({ type: 'input', data }));
  });
  socket.addEventListener('message', ({ data }) => {
    const frame = TerminalServerFrame.parse(JSON.parse(String(data)));
    if (frame.type === 'error' || frame.type === 'exit') reject(new Error(frame.message));
    if (frame.type !== 'output') return;
    screen += frame.data;
    const [begin, end] = marks.map((mark) => screen.indexOf(mark));
    if (begin !== undefined && end !== undefined && begin >= 0 && end > begin) {
      resolve(screen.slice(begin + marks[0].length, end));
    }
  });
  socket.addEventListener('close', ({ reason }) => {
    reject(new Error(`the terminal closed: ${reason}`));
  });
  try {
    const output = await promise;
    return output.split(/\r?\n/).filter((line) => line.trim() !== '');
  } finally {
    signal.removeEventListener('abort', give);
    socket.close();
  }
}
