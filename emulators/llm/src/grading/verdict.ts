import { isObject, type Json, type JsonObject } from '../json.js';
import { contextOf, generate } from '../schema/generate.js';
import type { Random } from '../schema/random.js';
import { resolveSchema } from '../schema/resolve.js';
import { numberAt } from '../schema/scalars.js';
import { STAND_IN_MARK } from '../text.js';
import { judge, type Judgement } from './judge.js';
import { findManipulation } from './manipulation.js';
import { readGradingRequest } from './request.js';

/** Where in a schema the verdicts go. */
interface VerdictShape {
  listName: string;
  idName: string;
  item: JsonObject;
}

/**
 * The graded answer when the schema looks like a verdict per criterion (a list of objects with a criterion
 * id and a boolean) and the messages hold criteria; undefined otherwise. Fields that are not recognised are
 * filled by the generic generator, so that the answer conforms whatever else the schema asks for.
 */
export function gradingVerdict(
  schema: JsonObject,
  messages: string[],
  random: Random,
): JsonObject | undefined {
  const root = resolveSchema(schema, schema);
  const shape = findShape(root, schema);
  if (shape === undefined) return undefined;
  const { criteria, submission } = readGradingRequest(messages, idsIn(shape, schema));
  if (criteria.length === 0) return undefined;

  const judgements = judge(criteria, submission);
  const quotation = findManipulation(submission);
  const context = contextOf(schema, random);
  const fill = (part: Json): Json => generate(part, context);
  const answer: JsonObject = {};
  for (const [name, part] of Object.entries(propertiesOf(root))) {
    const inner = resolveSchema(part, schema);
    if (name === shape.listName) {
      answer[name] = judgements.map((judgement) => verdictOf(judgement, shape, schema, fill));
    } else if (/manipul|inject|tamper/i.test(name) && inner['type'] === 'object') {
      answer[name] = manipulationOf(inner, quotation, schema, fill);
    } else if (/summary|feedback|comment/i.test(name) && holdsText(inner)) {
      answer[name] = clip(summaryOf(judgements, quotation), inner);
    } else answer[name] = fill(part);
  }
  return answer;
}

function propertiesOf(schema: JsonObject): JsonObject {
  return isObject(schema['properties']) ? schema['properties'] : {};
}

function findShape(root: JsonObject, schema: JsonObject): VerdictShape | undefined {
  for (const [listName, part] of Object.entries(propertiesOf(root))) {
    const list = resolveSchema(part, schema);
    if (list['type'] !== 'array' || !isObject(list['items'])) continue;
    const item = resolveSchema(list['items'], schema);
    const names = Object.keys(propertiesOf(item));
    const idName = names.find((name) => /criterion|^id$/i.test(name));
    const judged = Object.values(propertiesOf(item)).some(
      (each) => isObject(each) && each['type'] === 'boolean',
    );
    if (idName !== undefined && judged) return { listName, idName, item };
  }
  return undefined;
}

function idsIn(shape: VerdictShape, schema: JsonObject): string[] {
  const id = resolveSchema(propertiesOf(shape.item)[shape.idName] ?? true, schema);
  return Array.isArray(id['enum']) ? id['enum'].filter((each) => typeof each === 'string') : [];
}

function verdictOf(
  judgement: Judgement,
  shape: VerdictShape,
  schema: JsonObject,
  fill: (part: Json) => Json,
): JsonObject {
  const verdict: JsonObject = {};
  for (const [name, part] of Object.entries(propertiesOf(shape.item))) {
    const inner = resolveSchema(part, schema);
    if (name === shape.idName) verdict[name] = judgement.criterionId;
    else if (inner['type'] === 'boolean') verdict[name] = judgement.met;
    else if (/fraction|share|ratio/i.test(name)) verdict[name] = judgement.fraction;
    else if (/reason|explan|rationale|comment/i.test(name)) {
      verdict[name] = clip(`${STAND_IN_MARK} ${judgement.reason}`, inner);
    } else if (/evidence|quot/i.test(name)) {
      verdict[name] = judgement.evidence === null ? emptyOf(inner) : clip(judgement.evidence, inner);
    } else verdict[name] = fill(part);
  }
  return verdict;
}

function manipulationOf(
  inner: JsonObject,
  quotation: string | null,
  schema: JsonObject,
  fill: (part: Json) => Json,
): JsonObject {
  const answer: JsonObject = {};
  for (const [name, part] of Object.entries(propertiesOf(inner))) {
    const field = resolveSchema(part, schema);
    if (field['type'] === 'boolean') answer[name] = quotation !== null;
    else if (holdsText(field)) answer[name] = quotation === null ? emptyOf(field) : clip(quotation, field);
    else answer[name] = fill(part);
  }
  return answer;
}

function summaryOf(judgements: Judgement[], quotation: string | null): string {
  const met = judgements.filter((judgement) => judgement.met).length;
  const sentence = `${STAND_IN_MARK} ${met} of ${judgements.length} criteria met, by simple rules and not by a model.`;
  return quotation === null
    ? sentence
    : `${sentence} The submission talks to the grader; that was not obeyed.`;
}

function variantsOf(schema: JsonObject): JsonObject[] {
  const variants = schema['anyOf'] ?? schema['oneOf'];
  return Array.isArray(variants) ? variants.filter(isObject) : [schema];
}

function allows(schema: JsonObject, type: string): boolean {
  return variantsOf(schema).some((each) =>
    Array.isArray(each['type']) ? each['type'].includes(type) : each['type'] === type,
  );
}

function holdsText(schema: JsonObject): boolean {
  return allows(schema, 'string');
}

/** "Nothing" in the way the schema allows it. */
function emptyOf(schema: JsonObject): Json {
  return allows(schema, 'null') ? null : '';
}

/** The text cut to the schema's `maxLength`. */
function clip(text: string, schema: JsonObject): string {
  const most = variantsOf(schema)
    .map((each) => numberAt(each, 'maxLength'))
    .find((each) => each !== undefined);
  return text.slice(0, most);
}
