import type { z } from 'zod';
import type { TestDeployer } from './stack.js';

export interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
}

/** Sends a request with a JSON body, or none, and reads the answer. */
export async function call(
  deployer: Pick<TestDeployer, 'fetch'>,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  const answer = await deployer.fetch(path, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await answer.text();
  const isJson = /\bjson\b/.test(answer.headers.get('content-type') ?? '');
  return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : text };
}

/** The same, for an answer that must be of this status and shape. */
export async function expectCall<S extends z.ZodType>(
  schema: S,
  status: number,
  ...request: Parameters<typeof call>
): Promise<z.output<S>> {
  const answer = await call(...request);
  if (answer.status !== status) {
    throw new Error(`${request[1]} ${request[2]} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  }
  return schema.parse(answer.body);
}
