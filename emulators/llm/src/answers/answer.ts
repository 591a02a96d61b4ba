import { isObject, parseJson, type Json, type JsonObject } from '../json.js';
import { EMULATOR_MARK } from '../text.js';
import { cannedManipulation, cannedVerdicts, type CannedVerdict, type Criterion } from './canned.js';
import { allows, plainest, propertiesOf, resolved } from './schema.js';

const MARKED = /<(submission-[\w-]+)>\n([\s\S]*?)\n<\/\1>/;

/**
 * An answer that conforms to the schema. Where the schema has a list of verdicts (a criterion id and a boolean), the
 * canned ones go there; what is not recognised gets the plainest value that conforms.
 */
export function answerTo(schema: JsonObject, messages: readonly string[]): Json {
  const text = messages.join('\n\n');
  const code = MARKED.exec(text)?.[2] ?? '';
  const quotation = cannedManipulation(code);
  const fill = (part: JsonObject): Json => plainest(part, schema, `${EMULATOR_MARK} text`);
  const properties = propertiesOf(resolved(schema, schema), schema);
  return Object.fromEntries(
    properties.map(([name, part]): [string, Json] => {
      if (allows(part, 'array')) {
        const item = resolved(part['items'], schema);
        const verdicts = cannedVerdicts(criteriaOf(item, schema, text.replace(code, '')), code);
        return [name, verdicts.map((verdict) => verdictOf(verdict, item, schema, fill))];
      }
      if (/manipulation/i.test(name) && allows(part, 'object')) {
        return [name, manipulationOf(quotation, part, schema, fill)];
      }
      if (/summary|feedback/i.test(name)) return [name, summaryOf(quotation)];
      return [name, fill(part)];
    }),
  );
}

/** The criteria that the schema of a verdict lists, with the words the prompt has for them. */
function criteriaOf(item: JsonObject, root: JsonObject, prompt: string): Criterion[] {
  const id = propertiesOf(item, root).find(([name]) => /criterion|^id$/i.test(name))?.[1];
  const described = new Map<string, JsonObject>();
  for (const [found] of prompt.matchAll(/\{[^{}]*"criterion_id"[^{}]*\}/g)) {
    const value = parseJson(found);
    if (isObject(value)) described.set(textOf(value['criterion_id']), value);
  }
  const listed = Array.isArray(id?.['enum']) ? id['enum'].map(String) : [...described.keys()];
  return id === undefined
    ? []
    : listed.map((each) => ({
        id: each,
        title: textOf(described.get(each)?.['title'], each),
        description: textOf(described.get(each)?.['description']),
      }));
}

function textOf(value: Json | undefined, otherwise = ''): string {
  return typeof value === 'string' ? value : otherwise;
}

function verdictOf(
  verdict: CannedVerdict,
  item: JsonObject,
  root: JsonObject,
  fill: (part: JsonObject) => Json,
): JsonObject {
  return Object.fromEntries(
    propertiesOf(item, root).map(([name, part]): [string, Json] => {
      if (/criterion|^id$/i.test(name)) return [name, verdict.criterionId];
      if (allows(part, 'boolean')) return [name, verdict.met];
      if (/fraction|share/i.test(name)) return [name, Number(verdict.met)];
      if (/reason/i.test(name)) return [name, `${EMULATOR_MARK} ${verdict.reason}`];
      if (/evidence|quot/i.test(name)) return [name, verdict.evidence ?? (allows(part, 'null') ? null : '')];
      return [name, fill(part)];
    }),
  );
}

function manipulationOf(
  quotation: string | null,
  part: JsonObject,
  root: JsonObject,
  fill: (part: JsonObject) => Json,
): JsonObject {
  return Object.fromEntries(
    propertiesOf(part, root).map(([name, field]): [string, Json] => {
      if (allows(field, 'boolean')) return [name, quotation !== null];
      if (allows(field, 'string')) return [name, quotation ?? (allows(field, 'null') ? null : '')];
      return [name, fill(field)];
    }),
  );
}

function summaryOf(quotation: string | null): string {
  const sentence = `${EMULATOR_MARK} Canned answers to the examples; no model has read this.`;
  return quotation === null
    ? sentence
    : `${sentence} The submission talks to the grader; that was not obeyed.`;
}
