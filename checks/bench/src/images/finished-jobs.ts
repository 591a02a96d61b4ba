import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer, request } from 'node:http';
import { jobLabels, runnerJobName } from '@cloudemy/contracts';

export interface FinishedJobsOptions {
  /** The API server that is asked for all else. */
  target: string;
  /** Finished Jobs in its runner namespace, each with its pod. */
  count: number;
  /** The installation they belong to. */
  instance: string;
  namespace: string;
}

/** Of so many Jobs one has failed. */
const failedOneIn = 4;
/** Objects of a page when the client names no limit. */
const wholePage = 500;

/**
 * A cluster with thousands of finished runner Jobs: their lists, watches and deletions are answered here, in the size that
 * a real API server gives them (with `managedFields`); everything else is passed on to the server behind.
 */
class FinishedJobs {
  readonly #jobs = new Map<string, object>();
  readonly #pods = new Map<string, object>();
  readonly #watchers = { jobs: new Set<ServerResponse>(), pods: new Set<ServerResponse>() };
  #version = 1_000_000;

  private readonly options: FinishedJobsOptions;

  constructor(options: FinishedJobsOptions) {
    this.options = options;
    for (let index = 0; index < options.count; index += 1) {
      const name = runnerJobName(randomBytes(12).toString('hex'), 1);
      this.#jobs.set(name, this.#job(name, index));
      this.#pods.set(name, this.#pod(name, index));
    }
  }

  /** @returns whether it was answered */
  answer(asked: IncomingMessage, answer: ServerResponse): boolean {
    const url = new URL(asked.url ?? '', this.options.target);
    const found = /\/namespaces\/[^/]+\/(jobs|pods)(?:\/([^/]+))?$/.exec(url.pathname);
    const kind = found?.[1] === 'pods' ? 'pods' : 'jobs';
    if (found === null || found[1] === undefined) return false;
    if (asked.method === 'DELETE' && kind === 'jobs' && this.#jobs.has(found[2] ?? '')) {
      this.#delete(found[2] ?? '', answer);
      return true;
    }
    if (asked.method !== 'GET' || found[2] !== undefined) return false;
    if (url.searchParams.get('watch') === 'true') this.#watch(kind, answer);
    else this.#list(kind, url.searchParams, answer);
    return true;
  }

  #list(kind: 'jobs' | 'pods', query: URLSearchParams, answer: ServerResponse): void {
    const all = [...(kind === 'jobs' ? this.#jobs : this.#pods).values()];
    const from = Number(query.get('continue') ?? 0);
    const to = from + Number(query.get('limit') ?? wholePage);
    const metadata = {
      resourceVersion: String(this.#version),
      ...(to < all.length ? { continue: String(to) } : {}),
    };
    send(answer, { kind: 'List', apiVersion: 'v1', metadata, items: all.slice(from, to) });
  }

  #watch(kind: 'jobs' | 'pods', answer: ServerResponse): void {
    answer.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    this.#watchers[kind].add(answer);
    answer.on('close', () => this.#watchers[kind].delete(answer));
  }

  #delete(name: string, answer: ServerResponse): void {
    this.#version += 1;
    this.#tell('jobs', this.#jobs.get(name));
    this.#tell('pods', this.#pods.get(name));
    this.#jobs.delete(name);
    this.#pods.delete(name);
    send(answer, { kind: 'Status', apiVersion: 'v1', status: 'Success' });
  }

  #tell(kind: 'jobs' | 'pods', object: object | undefined): void {
    const line = `${JSON.stringify({ type: 'DELETED', object })}\n`;
    for (const watcher of this.#watchers[kind]) watcher.write(line);
  }

  #job(name: string, index: number): object {
    const { labels, selector, template } = this.#template(name);
    const isFailed = index % failedOneIn === 0;
    const ends = isFailed ? ['FailureTarget', 'Failed'] : ['SuccessCriteriaMet', 'Complete'];
    const reason = isFailed ? 'BackoffLimitExceeded' : 'CompletionsReached';
    const status = {
      ...(isFailed ? { failed: 1 } : { succeeded: 1 }),
      ready: 0,
      terminating: 0,
      uncountedTerminatedPods: {},
      startTime: time,
      completionTime: time,
      conditions: ends.map((type) => condition(type, reason)),
    };
    return {
      metadata: { ...this.#metadata(name, `job-${index}`, labels), managedFields: managedFields(4) },
      spec: {
        parallelism: 1,
        completions: 1,
        backoffLimit: 2,
        activeDeadlineSeconds: 600,
        selector,
        template,
      },
      status,
    };
  }

  #pod(job: string, index: number): object {
    const { labels, template } = this.#template(job);
    const owner = { apiVersion: 'batch/v1', kind: 'Job', name: job, uid: `job-${index}`, controller: true };
    const isFailed = index % failedOneIn === 0;
    const container = {
      name: 'runner',
      image: 'cloudemy/runner:0.1.0',
      imageID: `sha256:${'ab'.repeat(32)}`,
      ready: false,
      started: false,
      restartCount: 0,
      containerID: `containerd://${'cd'.repeat(32)}`,
      state: { terminated: isFailed ? { ...ended, exitCode: 1, reason: 'Error' } : ended },
      lastState: {},
    };
    const conditions = [
      'PodReadyToStartContainers',
      'Initialized',
      'Ready',
      'ContainersReady',
      'PodScheduled',
    ];
    return {
      metadata: {
        ...this.#metadata(`${job}-abcde`, `pod-${index}`, labels),
        ownerReferences: [owner],
        managedFields: managedFields(8),
      },
      spec: { ...template.spec, nodeName: 'node', tolerations: tolerations },
      status: {
        phase: isFailed ? 'Failed' : 'Succeeded',
        conditions: conditions.map((type) => condition(type, 'PodCompleted')),
        podIP: '10.0.0.1',
        startTime: time,
        containerStatuses: [container],
      },
    };
  }

  #metadata(name: string, uid: string, labels: object) {
    const { namespace } = this.options;
    return { name, namespace, uid, labels, resourceVersion: '999', creationTimestamp: time, generation: 1 };
  }

  #template(name: string) {
    const labels = {
      [jobLabels.managedBy]: jobLabels.managedByValue,
      [jobLabels.component]: jobLabels.componentValue,
      [jobLabels.instance]: this.options.instance,
      [jobLabels.submission]: name.slice(-24),
      [jobLabels.attempt]: '1',
    };
    const env = Array.from({ length: 20 }, (_, at) => ({ name: `SETTING_${at}`, value: 'v'.repeat(40) }));
    const container = {
      name: 'runner',
      image: 'cloudemy/runner:0.1.0',
      env,
      terminationMessagePath: '/dev/x',
    };
    const spec = { restartPolicy: 'Never', containers: [container], schedulerName: 'default-scheduler' };
    return { labels, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } };
  }
}

const time = '2026-12-01T00:00:00Z';
const ended = { exitCode: 0, reason: 'Completed', startedAt: time, finishedAt: time };
const condition = (type: string, reason: string) => ({
  type,
  status: 'True',
  reason,
  lastProbeTime: time,
  lastTransitionTime: time,
});
const tolerations = ['not-ready', 'unreachable'].map((what) => ({
  key: `node.kubernetes.io/${what}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
}));
const managedFields = (writers: number) =>
  Array.from({ length: writers }, (_, at) => ({
    manager: `manager-${at}`,
    operation: 'Update',
    apiVersion: 'v1',
    time,
    fieldsType: 'FieldsV1',
    fieldsV1: Object.fromEntries(
      Array.from({ length: 15 }, (__, field) => [`f:field-${field}`, { '.': {} }]),
    ),
  }));

function send(answer: ServerResponse, body: object): void {
  answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function passOn(target: URL, asked: IncomingMessage, answer: ServerResponse): void {
  const { method, url: path, headers } = asked;
  const onward = request({ host: target.hostname, port: target.port, method, path, headers });
  onward.on('response', (received) => {
    answer.writeHead(received.statusCode ?? 502, received.headers);
    received.pipe(answer);
  });
  onward.on('error', () => answer.destroy());
  answer.on('close', () => onward.destroy());
  asked.pipe(onward);
}

/** Starts it on a free port of loopback. */
export async function startFinishedJobs(options: FinishedJobsOptions): Promise<Server> {
  const finished = new FinishedJobs(options);
  const target = new URL(options.target);
  const server = createServer((asked, answer) => {
    if (!finished.answer(asked, answer)) passOn(target, asked, answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
