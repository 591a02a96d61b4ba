import { isObject, type Json, type JsonObject } from '../json.js';
import { strictProblem } from '../answers/schema.js';
import { invalidRequest } from './errors.js';

/** How the answer is to be written. */
export type Format = { type: 'text' } | { type: 'json_object' } | { type: 'json_schema'; schema: JsonObject };

/** A request for a completion. */
export interface CompletionRequest {
  model: string;
  /** Texts of the messages, in order. */
  messages: string[];
  format: Format;
  /** Most tokens the answer may have. */
  maxTokens: number;
}

/**
 * Checks the body of `POST /v1/chat/completions`.
 * @throws ApiError (400) that names the parameter.
 */
export function parseChatRequest(body: unknown): CompletionRequest {
  const request = asBody(body);
  const { messages } = request;
  if (!Array.isArray(messages) || messages.length === 0) {
    throw invalidRequest("'messages' must be a list with at least one message.", 'messages');
  }
  if (typeof (request['n'] ?? 1) !== 'number' || (request['n'] ?? 1) !== 1) {
    throw invalidRequest('This emulator answers with one choice: n must be 1.', 'n');
  }
  if (request['stream'] === true) {
    throw invalidRequest('This emulator answers whole: stream must be false.', 'stream');
  }
  return {
    model: modelOf(request),
    messages: messages.map((message, index) => messageText(message, `messages[${index}]`)),
    format: formatOf(request['response_format']),
    maxTokens: tokenLimit(
      request,
      request['max_completion_tokens'] == null ? 'max_tokens' : 'max_completion_tokens',
    ),
  };
}

function asBody(body: unknown): JsonObject {
  if (isObject(body)) return body;
  throw invalidRequest('The body must be a JSON object, sent as application/json.');
}

function modelOf(request: JsonObject): string {
  const { model } = request;
  if (typeof model === 'string' && model !== '' && model.length <= 200) return model;
  throw invalidRequest('you must provide a model parameter', 'model');
}

function tokenLimit(request: JsonObject, name: string): number {
  const value = request[name] ?? null;
  if (value === null) return Infinity;
  if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value;
  throw invalidRequest(`'${name}' must be a whole number above 0.`, name);
}

function messageText(message: Json, where: string): string {
  if (!isObject(message) || typeof message['role'] !== 'string') {
    throw invalidRequest(`'${where}' must be an object with a role.`, where);
  }
  const { content = null } = message;
  if (typeof content === 'string') return content;
  // A turn of the assistant may hold no text (tool calls, a refusal).
  if (content === null && message['role'] === 'assistant') return '';
  if (!Array.isArray(content)) throw invalidRequest(`'${where}.content' must be a text or a list.`, where);
  return content
    .map((part) => (isObject(part) && typeof part['text'] === 'string' ? part['text'] : ''))
    .join('\n');
}

function formatOf(format: Json | undefined): Format {
  const where = 'response_format';
  if (format === undefined || format === null) return { type: 'text' };
  const type = isObject(format) ? format['type'] : undefined;
  if (type === 'text' || type === 'json_object') return { type };
  if (!isObject(format) || type !== 'json_schema') {
    throw invalidRequest(`'${where}.type' must be text, json_object or json_schema.`, where);
  }
  const settings = format['json_schema'];
  const name = isObject(settings) ? settings['name'] : undefined;
  if (!isObject(settings) || typeof name !== 'string' || !/^[\w-]{1,64}$/.test(name)) {
    throw invalidRequest(`'${where}' needs a name of letters, digits, _ and -.`, `${where}.name`);
  }
  const { schema = {} } = settings;
  if (!isObject(schema)) throw invalidRequest(`'${where}.schema' must be an object.`, `${where}.schema`);
  const problem = settings['strict'] === true ? strictProblem(schema) : undefined;
  if (problem !== undefined) {
    throw invalidRequest(`Invalid schema for response_format '${name}': ${problem}`, where);
  }
  return { type: 'json_schema', schema };
}
