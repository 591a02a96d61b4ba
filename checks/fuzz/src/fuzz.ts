import { setTimeout as sleep } from 'node:timers/promises';
import type { AccessTable } from '@cloudemy/contracts';
import { z } from 'zod';
import { type ApiDocument, type Operation, readDocument } from './document/document.js';
import type { Person } from './people/person.js';
import { makeRequest } from './requests/make-request.js';
import type { FuzzRequest } from './requests/request.js';
import { type Answer, Hang, Sender } from './requests/send.js';
import { KnownValues } from './values/known.js';
import { Random } from './values/random.js';
import { ValidValues } from './values/valid.js';
import { type Finding, Findings } from './verdict/findings.js';
import { Judge } from './verdict/judge.js';

export interface FuzzOptions {
  baseUrl: string;
  requests: number;
  seed: number;
  /** Bearer tokens by the name of the security scheme that takes them. */
  credentials: Readonly<Record<string, string>>;
  /** Those who make requests; when there are none, nobody has to sign in. */
  people: readonly Person[];
  /** Who may call what. */
  access: AccessTable;
  /** Values that mean something to the service, by the name of their field. */
  given: Readonly<Record<string, readonly unknown[]>>;
}

export interface FuzzReport {
  requests: number;
  operations: number;
  /** Operations that took none of the requests: what lies behind was not reached. */
  never_accepted: string[];
  statuses: Record<string, number>;
  findings: Finding[];
}

const connections = 8;
/** Deletions may wait for pods to end, and the machine may be busy with much else. */
const timeoutMs = 60_000;
/** How often a service may say that it cannot just now, and how long it is left alone at most in between. */
const maxRetries = 5;
const mostPauseMs = 2_000;

const Readiness = z.object({ status: z.enum(['ok', 'degraded', 'failing']) });

/**
 * Fuzzes a service from its own OpenAPI document. The same seed makes the same requests, but for ids that the
 * service gave out itself and that came in another order.
 */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { baseUrl, requests } = options;
  const document = readDocument(await (await fetch(`${baseUrl}/openapi.json`)).json());
  const run = new FuzzRun(options, document);
  // First everything as documented, twice and one after the other, so that there is something to meet.
  const first = Math.min(requests, 2 * document.operations.length);
  for (let sent = 0; sent < first; sent += 1)
    await run.one(document.operations[sent % document.operations.length]);
  let left = requests - first;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await run.one();
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  return run.end();
}

class FuzzRun {
  readonly #random: Random;
  readonly #known: KnownValues;
  readonly #valid: ValidValues;
  readonly #judge: Judge;
  readonly #sender: Sender;
  readonly #findings = new Findings();
  readonly #statuses = new Map<number, number>();
  readonly #accepted = new Set<string>();
  #sent = 0;

  private readonly options: FuzzOptions;
  private readonly document: ApiDocument;

  constructor(options: FuzzOptions, document: ApiDocument) {
    this.options = options;
    this.document = document;

    this.#random = new Random(options.seed);
    const names = document.operations.flatMap(({ parameters }) => parameters.map(({ name }) => name));
    this.#known = new KnownValues(
      options.given,
      names.filter((name) => /_id$|_name$|^cursor$|-token$/.test(name)),
    );
    this.#valid = new ValidValues(document.schemas, this.#known, this.#random);
    this.#judge = new Judge(document, options);
    this.#sender = new Sender(options.baseUrl, connections, timeoutMs);
  }

  /**
   * Makes a request, sends it, judges the answer and learns from it.
   *
   * @param documented the operation to be sent as documented; any operation in any way when left out
   */
  async one(documented?: Operation): Promise<void> {
    const operation = documented ?? this.#random.pick(this.document.operations);
    this.#sent += 1;
    const request = makeRequest(
      operation,
      { ...this.options, random: this.#random, valid: this.#valid },
      documented === undefined ? undefined : 'as documented',
    );
    try {
      const answer = await this.#sender.send(request);
      this.#statuses.set(answer.status, (this.#statuses.get(answer.status) ?? 0) + 1);
      const fault = this.#judge.fault(request, answer) ?? (await this.#groundless(request, answer));
      if (fault !== undefined) this.#findings.add(request, fault, answer.body.toString());
      if (answer.status >= 100 && answer.status < 300) {
        this.#accepted.add(operation.id);
        if (answer.mediaType === 'application/json' && answer.body.length > 0)
          this.#known.learn(JSON.parse(answer.body.toString()));
      }
    } catch (error) {
      this.#findings.add(request, error instanceof Hang ? error.message : `no answer: ${String(error)}`, '');
    }
  }

  /** A service may say that it cannot just now, but not again and again while all it depends on is there. */
  async #groundless(request: FuzzRequest, first: Answer): Promise<string | undefined> {
    let answer = first;
    for (let tries = 0; answer.status === 503 && tries < maxRetries; tries += 1) {
      await sleep(Math.min(mostPauseMs, Number(answer.headers['retry-after'] ?? 1) * 1_000));
      answer = await this.#sender.send(request);
    }
    if (answer.status !== 503 || !(await this.#isReady())) return undefined;
    return 'answered 503 while all it depends on was there';
  }

  async end(): Promise<FuzzReport> {
    this.#sender.close();
    const findings = this.#findings.all();
    const report = {
      requests: this.#sent,
      operations: this.document.operations.length,
      never_accepted: this.document.operations.map(({ id }) => id).filter((id) => !this.#accepted.has(id)),
      statuses: Object.fromEntries([...this.#statuses].toSorted(([a], [b]) => a - b)),
      findings,
    };
    for (let tries = 0; !(await this.#isReady()); tries += 1) {
      if (tries === maxRetries) throw new Error(`the service at ${this.options.baseUrl} is no longer ready`);
      await sleep(mostPauseMs);
    }
    return report;
  }

  async #isReady(): Promise<boolean> {
    const answer = await fetch(`${this.options.baseUrl}/readyz`, { signal: AbortSignal.timeout(timeoutMs) });
    return Readiness.parse(await answer.json()).status === 'ok';
  }
}
