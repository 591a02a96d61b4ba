import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { ResultCallback, type RunnerRecord } from '@cloudemy/contracts';

type Call = 'record' | 'started' | 'result';
/** A status to answer with, and headers to go along. */
interface Answer {
  status: number;
  headers?: Record<string, string>;
  /** The body, when it is not to be `{}`. */
  text?: string;
}

/** The three calls of the backend a runner makes, over HTTP, with answers a test can script. */
export class TestBackend {
  /** Bodies of the results that fit the contract, in the order they came. */
  readonly results: ResultCallback[] = [];
  readonly calls: Call[] = [];
  readonly requestIds = new Set<string | undefined>();
  /** Answers to give before the usual one, one per call. */
  readonly scripted: Record<Call, Answer[]> = { record: [], started: [], result: [] };
  private readonly server = createServer((request, response) => void this.answer(request, response));

  private readonly record: RunnerRecord;
  private readonly token: string;

  private constructor(record: RunnerRecord, token: string) {
    this.record = record;
    this.token = token;
  }

  static async start(record: RunnerRecord, token: string): Promise<TestBackend> {
    const backend = new TestBackend(record, token);
    backend.server.listen(0, '127.0.0.1');
    await once(backend.server, 'listening');
    return backend;
  }

  /** `BACKEND_INTERNAL_URL` for this server. */
  get url(): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the test backend does not listen');
    return `http://127.0.0.1:${address.port}/internal`;
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const call = this.callOf(request);
    if (call === undefined) return send(response, { status: 404 });
    this.calls.push(call);
    this.requestIds.add(request.headers['x-request-id']?.toString());
    const scripted = this.scripted[call].shift();
    if (scripted !== undefined) return send(response, scripted);
    if (request.headers['x-result-token'] !== this.token) return send(response, { status: 401 });
    if (call === 'record') return send(response, { status: 200 }, this.record);
    if (call === 'result') this.results.push(ResultCallback.parse(JSON.parse(body)));
    send(response, { status: 200 }, this.state(call));
  }

  private callOf({ method, url }: IncomingMessage): Call | undefined {
    const path = `/internal/submissions/${this.record.submission_id}`;
    if (method === 'GET' && url === path) return 'record';
    if (method === 'POST' && url === `${path}/started`) return 'started';
    return method === 'POST' && url === `${path}/result` ? 'result' : undefined;
  }

  private state(call: Call) {
    const { submission_id, attempt } = this.record;
    const last = this.results.at(-1);
    const status = call === 'started' ? 'running' : last?.status;
    return { submission_id, attempt, status, score: last?.status === 'graded' ? last.score : null };
  }
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

function send(
  response: ServerResponse,
  { status, headers = {}, text: given }: Answer,
  body: unknown = {},
): void {
  const text = given ?? JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
}
