import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI, { APIConnectionError } from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { startLocalLlm, type LocalLlm } from './server.js';

let llm: LocalLlm;
let client: OpenAI;
beforeEach(async () => {
  llm = await startLocalLlm({ slowMs: 20 });
  client = new OpenAI({ baseURL: llm.url, apiKey: 'any', maxRetries: 0 });
});
afterEach(() => llm.close());

const MESSAGES = [{ role: 'user' as const, content: 'Good morning' }];
const Greeting = z.object({ greeting: z.string(), mood: z.enum(['calm', 'merry']) });
const GREETING = zodResponseFormat(Greeting, 'greeting');
const ask = (model = 'gpt-4o-mini', on = client) => on.chat.completions.create({ model, messages: MESSAGES });
const control = (body: unknown) =>
  fetch(new URL('/control', llm.url), { method: 'PUT', body: JSON.stringify(body) });

async function post(
  path: string,
  body: string,
  headers: Record<string, string> = { authorization: 'Bearer x' },
) {
  const response = await fetch(`${llm.url}${path}`, { method: 'POST', body, headers });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

describe('chat completions', () => {
  it('answers, marked as an emulator whatever model was asked for, and the same every time', async () => {
    const { data, response } = await client.chat.completions
      .create({ model: 'some-model', messages: MESSAGES })
      .withResponse();
    expect(response.headers.get('x-cloudemy-emulator')).toBe('true');
    expect(data).toMatchObject({ model: 'emulator', system_fingerprint: 'emulator' });
    expect(data.choices[0]).toMatchObject({ finish_reason: 'stop' });
    expect(data.choices[0]?.message.content).toMatch(/^\[emulator\].*Good morning/);
    expect(data.usage).toMatchObject({ prompt_tokens: 3 });
    expect((await ask('some-model')).choices).toEqual(data.choices);
  });

  it('writes JSON for json_object and for a schema of the client', async () => {
    const request = { model: 'gpt-4o-mini', messages: MESSAGES };
    const object = await client.chat.completions.create({
      ...request,
      response_format: { type: 'json_object' },
    });
    expect(JSON.parse(object.choices[0]?.message.content ?? '')).toHaveProperty('message');
    const parsed = await client.chat.completions.parse({ ...request, response_format: GREETING });
    expect(['calm', 'merry']).toContain(parsed.choices[0]?.message.parsed?.mood);
  });

  it('stops at the token limit', async () => {
    const answer = await client.chat.completions.create({ model: 'm', messages: MESSAGES, max_tokens: 2 });
    expect(answer.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: '[emulato' } });
  });
});

it('lists models and is healthy without a key', async () => {
  const names = [];
  for await (const model of client.models.list()) names.push(model.id);
  expect(names).toContain('gpt-4o-mini');
  expect((await fetch(new URL('/healthz', llm.url))).status).toBe(200);
});

describe('keys', () => {
  it('refuses a missing key and one that says it is refused', async () => {
    const missing = await post('/chat/completions', '{}', {});
    expect(missing).toMatchObject({ status: 401, body: { error: { type: 'invalid_request_error' } } });
    for (const apiKey of ['sk-refused', 'sk-invalid-1']) {
      const refused = ask('m', client.withOptions({ apiKey }));
      await expect(refused).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' });
    }
  });
});

describe('behaviours by the name of the model', () => {
  it.each([
    ['rate-limit', { status: 429, code: 'rate_limit_exceeded' }],
    ['quota', { status: 429, code: 'insufficient_quota' }],
    ['wrong-key', { status: 401, code: 'invalid_api_key' }],
    ['error-500', { status: 500, type: 'server_error' }],
    ['nonsense', { status: 400 }],
  ])('#%s is an error', async (name, error) => {
    await expect(ask(`m#${name}`)).rejects.toMatchObject(error);
  });

  it.each([
    [
      'refuse',
      { finish_reason: 'stop', message: { content: null, refusal: expect.stringContaining('sorry') } },
    ],
    ['content-filter', { finish_reason: 'content_filter', message: { content: '' } }],
    ['truncated', { finish_reason: 'length' }],
    ['slow', { finish_reason: 'stop' }],
  ])('#%s shows in the choice', async (name, choice) => {
    expect((await ask(`m#${name}`)).choices[0]).toMatchObject(choice);
  });

  it('#rubbish is no JSON and #wrong-schema is other JSON', async () => {
    const request = { messages: MESSAGES, response_format: GREETING };
    const rubbish = await client.chat.completions.create({ ...request, model: 'm#rubbish' });
    expect(() => JSON.parse(rubbish.choices[0]?.message.content ?? '') as unknown).toThrow(SyntaxError);
    const wrong = await client.chat.completions.create({ ...request, model: 'm#wrong-schema' });
    expect(Greeting.safeParse(JSON.parse(wrong.choices[0]?.message.content ?? '')).success).toBe(false);
  });

  it('#drop cuts the connection', async () => {
    await expect(ask('m#drop')).rejects.toThrow(APIConnectionError);
  });

  it('#timeout never answers, and closing the server ends it', async () => {
    const waiting = ask('m#timeout', client.withOptions({ timeout: 50 }));
    await expect(waiting).rejects.toThrow(APIConnectionError);
    const held = ask('m#timeout').catch((error: unknown) => error);
    await ask();
    await llm.close();
    expect(await held).toBeInstanceOf(APIConnectionError);
  });

  it('#flaky fails twice for the same messages, then succeeds', async () => {
    await expect(ask('m#flaky')).rejects.toMatchObject({ status: 503 });
    await expect(ask('m#flaky')).rejects.toMatchObject({ status: 503 });
    expect((await ask('m#flaky')).choices).toHaveLength(1);
  });
});

describe('control', () => {
  it('sets the behaviour for a number of requests; the header goes before it', async () => {
    expect((await control({ behaviour: 'error-500', times: 1 })).status).toBe(200);
    const header = { headers: { 'x-emulator-behaviour': 'normal' } };
    await client.chat.completions.create({ model: 'm', messages: MESSAGES }, header);
    await expect(ask()).rejects.toMatchObject({ status: 500 });
    expect((await ask()).choices).toHaveLength(1);
    const shown = await fetch(new URL('/control', llm.url));
    expect(await shown.json()).toEqual({ behaviour: 'normal', delay_ms: 0, times: null });
  });

  it.each([[{ behaviour: 'odd' }], [{ delay_ms: -1 }], [{ times: 0 }], [{ colour: 'red' }], [[]]])(
    'refuses %j',
    async (body) => {
      expect((await control(body)).status).toBe(400);
    },
  );
});

describe('bad input', () => {
  it.each([
    ['no JSON', '{"model": '],
    ['a list', '[]'],
    ['no model', '{"messages":[{"role":"user","content":"x"}]}'],
    ['no messages', '{"model":"m","messages":[]}'],
    ['a message without a role', '{"model":"m","messages":[{"content":"x"}]}'],
    ['a message without content', '{"model":"m","messages":[{"role":"user"}]}'],
    ['a stream', '{"model":"m","messages":[{"role":"user","content":"x"}],"stream":true}'],
    ['two choices', '{"model":"m","messages":[{"role":"user","content":"x"}],"n":2}'],
    [
      'an odd format',
      '{"model":"m","messages":[{"role":"user","content":"x"}],"response_format":{"type":"xml"}}',
    ],
  ])('answers 400 in the shape of OpenAI to %s', async (_what, body) => {
    const error = { message: expect.any(String), type: 'invalid_request_error' };
    expect(await post('/chat/completions', body)).toMatchObject({ status: 400, body: { error } });
  });

  it('answers 413 to a body over 4 MiB and 404 to an unknown path', async () => {
    expect((await post('/chat/completions', 'x'.repeat(4 * 1024 * 1024 + 1))).status).toBe(413);
    expect((await post('/embeddings', '{}')).status).toBe(404);
  });

  it('refuses a strict schema that the real service would refuse', async () => {
    const open = {
      name: 'open',
      strict: true,
      schema: { type: 'object', properties: { a: { type: 'string' } } },
    };
    const answer = client.chat.completions.create({
      model: 'm',
      messages: MESSAGES,
      response_format: { type: 'json_schema', json_schema: open },
    });
    await expect(answer).rejects.toThrow(
      /400 Invalid schema for response_format 'open'.*additionalProperties/,
    );
  });
});

it('answers 429 beyond the limit of requests at once', async () => {
  const narrow = await startLocalLlm({ maxConcurrent: 1 });
  const other = new OpenAI({ baseURL: narrow.url, apiKey: 'any', maxRetries: 0 });
  try {
    const leave = new AbortController();
    const held = other.chat.completions
      .create({ model: 'm#timeout', messages: MESSAGES }, { signal: leave.signal })
      .catch((error: unknown) => error);
    // Whichever of the others comes first may be let in before the held one: ask until one is turned away.
    let turnedAway: unknown;
    while (turnedAway === undefined) {
      turnedAway = await ask('m', other).then(
        () => undefined,
        (error: unknown) => error,
      );
    }
    expect(turnedAway).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
    leave.abort();
    expect(await held).toBeInstanceOf(Error);
  } finally {
    await narrow.close();
  }
});

it('listens on loopback only', async () => {
  await expect(startLocalLlm({ host: '0.0.0.0' })).rejects.toThrow(RangeError);
});
