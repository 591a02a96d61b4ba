// jest-light-runner (0.8.2) tells all its worker processes what they need as soon as the first of them asks, and never
// again. One that is still loading by then would miss it, ask without success, and its file would be waited for without end.
// So what comes early is kept until it is asked for.
const QUESTION = 'jest-light-runner-get-worker-data';
const ANSWER = 'jest-light-runner-worker-data';

if (process.send !== undefined && /\btinypool\b.*\bprocess\.js$/.test(process.argv[1] ?? '')) {
  let early;
  process.on('message', (message) => {
    if (message?.type === ANSWER) early = message;
  });
  const send = process.send.bind(process);
  process.send = (message, ...rest) =>
    message === QUESTION && early !== undefined ? process.emit('message', early) : send(message, ...rest);
}
