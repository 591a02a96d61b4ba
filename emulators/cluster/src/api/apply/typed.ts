import { asArray, equalJson, isObject } from '../../json.js';
import type { JsonObject } from '../../json.js';
import type { FieldType } from '../../schema/field-types.js';
import { struct } from '../../schema/field-types.js';
import { isAtomic, isSet, keyDefaults, listKeys } from '../../schema/list-types.js';
import { FieldSet } from './field-set.js';
import type { Step } from './field-set.js';

/** How the content of a field is owned and merged. */
export type Shape =
  | { form: 'leaf' }
  | { form: 'struct'; name: string }
  | { form: 'map'; values: FieldType }
  | { form: 'items'; keys: readonly string[]; items: FieldType }
  | { form: 'set' };

const leaf: Shape = { form: 'leaf' };

/** The shape of a field of a struct; fields the schema does not know are leaves. */
export function shapeOf(owner: string, field: string, type: FieldType | undefined): Shape {
  switch (type?.form) {
    case 'struct':
      return isAtomic(owner, field, type.name) ? leaf : { form: 'struct', name: type.name };
    case 'map':
      return isAtomic(owner, field, '') ? leaf : { form: 'map', values: type.values };
    case 'list': {
      const keys = listKeys(owner, field);
      if (keys !== undefined) {
        return { form: 'items', keys, items: type.items };
      }
      return isSet(owner, field) ? { form: 'set' } : leaf;
    }
    default:
      return leaf;
  }
}

/** The shape of what lies inside of a map or of a list item. */
export function partShape(type: FieldType): Shape {
  return shapeOf('', '', type);
}

/** Path step of a list item. */
export function itemStep(item: unknown, keys: readonly string[]): Step {
  const found: JsonObject = {};
  for (const key of keys.toSorted()) {
    const value = isObject(item) ? (item[key] ?? keyDefaults[key]) : undefined;
    if (value !== undefined) {
      found[key] = value;
    }
  }
  return `k:${JSON.stringify(found)}`;
}

/** The parts of a value that can be owned one by one, by step; undefined for a leaf. */
export function parts(value: unknown, shape: Shape): Map<Step, { value: unknown; shape: Shape }> | undefined {
  switch (shape.form) {
    case 'struct':
    case 'map': {
      if (!isObject(value)) {
        return undefined;
      }
      const fields = shape.form === 'struct' ? struct(shape.name) : undefined;
      return new Map(
        Object.keys(value)
          .filter((key) => value[key] !== undefined)
          .map((key) => [
            `f:${key}`,
            {
              value: value[key],
              shape:
                shape.form === 'map' ? partShape(shape.values) : shapeOf(shape.name, key, fields?.get(key)),
            },
          ]),
      );
    }
    case 'items':
      return new Map(
        asArray(value).map((item) => [
          itemStep(item, shape.keys),
          { value: item, shape: partShape(shape.items) },
        ]),
      );
    case 'set':
      return new Map(
        asArray(value).map((item) => [`v:${JSON.stringify(item)}`, { value: item, shape: leaf }]),
      );
    default:
      return undefined;
  }
}

/** Everything an applied configuration says, as paths. */
export function ownedFields(value: unknown, shape: Shape): FieldSet {
  const set = new FieldSet();
  const inside = parts(value, shape);
  if (inside === undefined || inside.size === 0) {
    set.member = true;
    return set;
  }
  for (const [step, part] of inside) {
    const child = ownedFields(part.value, part.shape);
    child.member ||= step.startsWith('k:');
    set.children.set(step, child);
  }
  return set;
}

export interface Difference {
  /** Added or modified. */
  changed: FieldSet;
  removed: FieldSet;
}

/** Lists that are always written, even empty: adding their first item does not add the list. */
const alwaysThere = new Set(['f:containers']);

function isContainer(shape: Shape): boolean {
  return shape.form === 'map' || shape.form === 'items' || shape.form === 'set';
}

function compareInto(old: unknown, now: unknown, shape: Shape, difference: Difference, step: Step): void {
  const before = old === undefined ? undefined : parts(old, shape);
  const after = now === undefined ? undefined : parts(now, shape);
  if (before === undefined && after === undefined) {
    if (now === undefined) {
      difference.removed.member = old !== undefined;
    } else if (!equalJson(old, now)) {
      difference.changed.member = true;
    }
    return;
  }
  if (now === undefined) {
    difference.removed.member = true;
  } else if (old === undefined) {
    const empty = after?.size === 0;
    const added = isContainer(shape) && !alwaysThere.has(step);
    difference.changed.member = empty || added || step.startsWith('k:');
  }
  for (const key of new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])) {
    const a = before?.get(key);
    const b = after?.get(key);
    const below: Difference = { changed: new FieldSet(), removed: new FieldSet() };
    compareInto(a?.value, b?.value, b?.shape ?? a?.shape ?? leaf, below, key);
    if (!below.changed.empty) {
      difference.changed.children.set(key, below.changed);
    }
    if (!below.removed.empty) {
      difference.removed.children.set(key, below.removed);
    }
  }
}

/** The paths in which two values differ. */
export function compare(old: unknown, now: unknown, shape: Shape): Difference {
  const difference: Difference = { changed: new FieldSet(), removed: new FieldSet() };
  compareInto(old, now, shape, difference, '');
  return difference;
}

function mergeItems(live: unknown, applied: unknown, keyOf: (item: unknown) => Step, part: Shape): unknown[] {
  const result = [...asArray(live)];
  const positions = new Map(result.map((item, index) => [keyOf(item), index]));
  for (const item of asArray(applied)) {
    const position = positions.get(keyOf(item));
    if (position === undefined) {
      positions.set(keyOf(item), result.length);
      result.push(item);
    } else {
      result[position] = merge(result[position], item, part);
    }
  }
  return result;
}

/** `live` with everything that `applied` says. Neither is changed. */
export function merge(live: unknown, applied: unknown, shape: Shape): unknown {
  switch (shape.form) {
    case 'struct':
    case 'map': {
      if (!isObject(live) || !isObject(applied)) {
        return applied;
      }
      const fields = shape.form === 'struct' ? struct(shape.name) : undefined;
      const result: JsonObject = { ...live };
      for (const key of Object.keys(applied)) {
        const part =
          shape.form === 'map' ? partShape(shape.values) : shapeOf(shape.name, key, fields?.get(key));
        result[key] = merge(live[key], applied[key], part);
      }
      return result;
    }
    case 'items':
      return mergeItems(live, applied, (item) => itemStep(item, shape.keys), partShape(shape.items));
    case 'set':
      return mergeItems(live, applied, (item) => `v:${JSON.stringify(item)}`, leaf);
    default:
      return applied;
  }
}

/** `value` without the paths of a set. It is not changed. */
export function without(value: unknown, gone: FieldSet, shape: Shape): unknown {
  switch (shape.form) {
    case 'struct':
    case 'map': {
      if (!isObject(value)) {
        return value;
      }
      const fields = shape.form === 'struct' ? struct(shape.name) : undefined;
      const result: JsonObject = {};
      for (const key of Object.keys(value)) {
        const node = gone.children.get(`f:${key}`);
        const part =
          shape.form === 'map' ? partShape(shape.values) : shapeOf(shape.name, key, fields?.get(key));
        if (node === undefined) {
          result[key] = value[key];
        } else if (!(node.member && (part.form === 'leaf' || node.children.size === 0))) {
          result[key] = without(value[key], node, part);
        }
      }
      return result;
    }
    case 'items':
    case 'set': {
      const stepOf = (item: unknown): Step =>
        shape.form === 'items' ? itemStep(item, shape.keys) : `v:${JSON.stringify(item)}`;
      const part = shape.form === 'items' ? partShape(shape.items) : leaf;
      return asArray(value).flatMap((item) => {
        const node = gone.children.get(stepOf(item));
        if (node?.member === true) {
          return [];
        }
        return [node === undefined ? item : without(item, node, part)];
      });
    }
    default:
      return value;
  }
}
