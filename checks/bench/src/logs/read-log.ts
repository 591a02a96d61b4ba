import type { Readable } from 'node:stream';
import { LogEvent } from '@cloudemy/contracts';
import { openLog } from '@cloudemy/k8s';
import { type BenchJob, container } from '../stack/bench-job.js';
import type { BenchStack } from '../stack/bench-stack.js';

/** Checks that the lines are the numbers from 1 on, each once and in order. */
class LineCounter {
  #read = 0;

  get count(): number {
    return this.#read;
  }

  /** @throws Error for a line that is missing, repeated or changed */
  take(line: string): void {
    this.#read += 1;
    if (line !== String(this.#read))
      throw new Error(`line ${this.#read} of the log is ${JSON.stringify(line)}`);
  }
}

/** Milliseconds after which lines are taken never to come. */
const timeoutMs = 180_000;

export interface LogReading {
  /** Ends when this many lines were read. */
  lines: number;
  /** Have the API server say when each line was written; the deployer always does, to be able to resume. */
  timestamps?: boolean;
}

/**
 * Follows a log as the API server sends it.
 *
 * @returns milliseconds until the last line
 */
export async function readDirect(
  { cluster, namespace }: BenchStack,
  { pod }: BenchJob,
  { lines, timestamps = false }: LogReading,
): Promise<number> {
  const start = performance.now();
  const log = await openLog(cluster.api, { namespace, pod, container, timestamps, follow: true });
  const counter = new LineCounter();
  await readTexts(log, '\n', lines, counter, (line) =>
    counter.take(timestamps ? line.slice(line.indexOf(' ') + 1) : line),
  );
  return performance.now() - start;
}

/**
 * Follows a log through the deployer.
 *
 * @returns milliseconds until the last line
 */
export async function readThroughDeployer(
  { deployerUrl, namespace }: BenchStack,
  { name }: BenchJob,
  { lines }: LogReading,
): Promise<number> {
  const start = performance.now();
  const abort = new AbortController();
  const answer = await fetch(`${deployerUrl}/jobs/${name}/logs?follow=true&namespace=${namespace}`, {
    signal: AbortSignal.any([abort.signal, AbortSignal.timeout(timeoutMs)]),
  });
  if (!answer.ok || answer.body === null) throw new Error(`the log was refused: ${await answer.text()}`);
  const counter = new LineCounter();
  await readTexts(answer.body, '\n\n', lines, counter, (event) => {
    const data = /^data: (.*)$/m.exec(event)?.[1];
    if (data === undefined || !/^event: log$/m.test(event)) return;
    for (const line of LogEvent.parse(JSON.parse(data)).lines) counter.take(line);
  });
  abort.abort();
  return performance.now() - start;
}

/** Cuts a stream into texts and hands them over until enough lines were counted. */
async function readTexts(
  stream: Readable | ReadableStream<Uint8Array>,
  separator: string,
  lines: number,
  counter: LineCounter,
  take: (text: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let held = '';
  for await (const chunk of stream) {
    const texts = (held + decoder.decode(chunk, { stream: true })).split(separator);
    held = texts.pop() ?? '';
    for (const text of texts) take(text);
    if (counter.count >= lines) return;
  }
  throw new Error(`the log ended after ${counter.count} of ${lines} lines`);
}
