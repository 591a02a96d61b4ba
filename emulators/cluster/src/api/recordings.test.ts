import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { asObject } from '../json.js';
import type { TestApi } from './testing/test-api.js';
import { startTestApi } from './testing/test-api.js';

/** One exchange with a Kubernetes 1.36.2 API server. */
interface Exchange {
  note?: string;
  method: string;
  path: string;
  headers?: Record<string, string>;
  /** A service account without rights of its own; the administrator when left out. */
  as?: string;
  body?: string;
  status: number;
  /** The whole Status of a refusal. */
  error?: object;
  warning?: string;
  /** What of an answer is the same each time. */
  match?: object;
}

const folder = new URL('fixtures/', import.meta.url);
const scenarios = readdirSync(folder)
  .filter((file) => file.endsWith('.jsonl'))
  .map((file) => file.replace('.jsonl', ''));

let api: TestApi;

beforeEach(async () => {
  tokens.clear();
  api = await startTestApi();
});

afterEach(async () => {
  await api.close();
});

function exchangesOf(scenario: string): Exchange[] {
  const lines = readFileSync(new URL(`${scenario}.jsonl`, folder), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line): Exchange => JSON.parse(line));
}

/** Namespaces that the recorded cluster had before the scenario began. */
function namespacesOf(exchanges: readonly Exchange[]): Set<string> {
  const names = exchanges.flatMap(({ path }) => /\/namespaces\/([^/?]+)\//.exec(path)?.[1] ?? []);
  const [first] = exchanges;
  const made = first?.path === '/api/v1/namespaces' ? (first.body ?? '') : '';
  return new Set(names.filter((name) => !name.includes('no-such') && !made.includes(`"${name}"`)));
}

const tokens = new Map<string, string>();

/** Of a service account of the namespace the errors were recorded in, made when first asked for. */
async function credentialsOf(account: string): Promise<{ authorization: string }> {
  const accounts = '/api/v1/namespaces/rec-errors/serviceaccounts';
  if (!tokens.has(account)) {
    await api.json('POST', accounts, { metadata: { name: account } });
    const { status } = await api.json('POST', `${accounts}/${account}/token`, { spec: {} });
    tokens.set(account, String(asObject(status)['token']));
  }
  return { authorization: `Bearer ${tokens.get(account)}` };
}

describe('answers as a real API server gave them', () => {
  test.each(scenarios)('%s', async (scenario) => {
    const exchanges = exchangesOf(scenario);
    for (const name of namespacesOf(exchanges)) {
      if (api.registry.get('namespaces', undefined, name) === undefined) {
        api.registry.create('namespaces', { metadata: { name } });
      }
    }
    for (const exchange of exchanges) {
      const { note, method, path, as, headers = {}, body, status, error, warning, match } = exchange;
      const response = await api.fetch(path, {
        method,
        // fetch would name a type of its own for a text; bytes have none.
        ...(body === undefined ? {} : { body: Buffer.from(body) }),
        headers: { 'user-agent': 'raw', ...(as === undefined ? {} : await credentialsOf(as)), ...headers },
      });
      const text = await response.text();
      const answer = {
        request: `${note ?? ''}: ${method} ${path}`,
        status: response.status,
        ...(error === undefined ? {} : { error: JSON.parse(text) }),
        ...(warning === undefined ? {} : { warning: response.headers.get('warning') }),
      };
      expect(answer).toEqual({
        request: `${note ?? ''}: ${method} ${path}`,
        status,
        ...(error === undefined ? {} : { error }),
        ...(warning === undefined ? {} : { warning }),
      });
      if (match !== undefined) {
        const { request } = answer;
        expect({ request, body: JSON.parse(text) }).toMatchObject({ request, body: match });
      }
    }
  });
});
