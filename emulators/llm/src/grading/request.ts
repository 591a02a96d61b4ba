import { isObject, parseJson, type Json, type JsonObject } from '../json.js';

export interface Criterion {
  id: string;
  title: string;
  description: string;
}

/** A grading request as far as it can be told from the messages. */
export interface GradingRequest {
  criteria: Criterion[];
  submission: string;
}

/** Attempts to read JSON at a bracket; bounds the work on text that is full of brackets. */
const MAX_ATTEMPTS = 200;
const MARK = /<([a-z][a-z_]*[-_:][A-Za-z0-9-]{6,})>/g;
const SUBMITTED = /submission|submitted|code|answer|student/;

/**
 * Criteria and submission out of the messages: the submission stands between `<name-random>` marks (or in
 * the last code fence), the criteria are objects with an id and a title or description in any JSON outside it.
 * @param ids criterion ids that the schema lists, in its order; empty when it lists none.
 */
export function readGradingRequest(messages: string[], ids: string[]): GradingRequest {
  const text = messages.join('\n\n');
  const { submission, rest } = cutSubmission(text);
  const found = new Map<string, Criterion>();
  for (const value of jsonValuesIn(rest)) collectCriteria(value, found, 0);
  const criteria = ids.length === 0 ? [...found.values()] : ids.map((id) => found.get(id) ?? bare(id));
  return { criteria, submission: unwrap(submission) };
}

function bare(id: string): Criterion {
  return { id, title: id.replaceAll(/[-_]/g, ' '), description: '' };
}

function cutSubmission(text: string): { submission: string; rest: string } {
  const names = [...new Set([...text.matchAll(MARK)].map((mark) => mark[1] ?? ''))];
  const name = names.find((each) => SUBMITTED.test(each)) ?? names[0];
  if (name === undefined) {
    const fence = [...text.matchAll(/```\w*\n([\s\S]*?)```/g)].at(-1);
    return { submission: fence?.[1] ?? '', rest: fence === undefined ? text : text.replace(fence[0], '') };
  }
  const spans: string[] = [];
  let rest = '';
  let at = 0;
  const [open, close] = [`<${name}>`, `</${name}>`];
  for (let start = text.indexOf(open); start !== -1; start = text.indexOf(open, at)) {
    const end = text.indexOf(close, start);
    if (end === -1) break;
    spans.push(text.slice(start + open.length, end));
    rest += `${text.slice(at, start)} `;
    at = end + close.length;
  }
  // A prompt also names the marks in a sentence ("between <x> and </x>"): the longest span is the code.
  const submission = spans.sort((left, right) => right.length - left.length)[0] ?? '';
  return { submission, rest: rest + text.slice(at) };
}

/** Code may be fenced or be a JSON string inside the marks. */
function unwrap(submission: string): string {
  const value = parseJson(submission);
  if (typeof value === 'string') return value;
  if (isObject(value) && typeof value['code'] === 'string') return value['code'];
  return /^\s*```\w*\n([\s\S]*)\n```\s*$/.exec(submission)?.[1] ?? submission;
}

function jsonValuesIn(text: string): Json[] {
  const values: Json[] = [];
  let attempts = 0;
  for (let at = text.search(/[[{]/); at !== -1 && attempts < MAX_ATTEMPTS; attempts += 1) {
    const end = endOfJson(text, at);
    const value = end === undefined ? undefined : parseJson(text.slice(at, end));
    if (value !== undefined) values.push(value);
    const from = value === undefined || end === undefined ? at + 1 : end;
    const next = text.slice(from).search(/[[{]/);
    at = next === -1 ? -1 : from + next;
  }
  return values;
}

function endOfJson(text: string, start: number): number | undefined {
  let depth = 0;
  let quoted = false;
  for (let at = start; at < text.length; at += 1) {
    const letter = text[at];
    if (quoted) {
      if (letter === '\\') at += 1;
      else if (letter === '"') quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === '{' || letter === '[') depth += 1;
    else if (letter === '}' || letter === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

function collectCriteria(value: Json, found: Map<string, Criterion>, depth: number): void {
  if (depth > 20 || typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) collectCriteria(item, found, depth + 1);
    return;
  }
  const criterion = asCriterion(value);
  if (criterion !== undefined) found.set(criterion.id, criterion);
  else for (const inner of Object.values(value)) collectCriteria(inner, found, depth + 1);
}

function asCriterion(value: JsonObject): Criterion | undefined {
  const id = value['criterion_id'] ?? value['criterionId'] ?? value['id'];
  const { title, description } = value;
  if (typeof id !== 'string' || (typeof title !== 'string' && typeof description !== 'string'))
    return undefined;
  return {
    id,
    title: typeof title === 'string' ? title : '',
    description: typeof description === 'string' ? description : '',
  };
}
