import { isObject } from '../../json.js';
import type { JsonObject } from '../../json.js';

/** Step of a path in FieldsV1 notation: `f:name`, `k:{"name":"a"}`, `v:"x"`. */
export type Step = string;

function shownStep(step: Step): string {
  if (step.startsWith('f:')) {
    return `.${step.slice(2)}`;
  }
  if (step.startsWith('k:')) {
    const keys: unknown = JSON.parse(step.slice(2));
    const pairs = isObject(keys)
      ? Object.entries(keys).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
      : [];
    return `[${pairs.join(',')}]`;
  }
  return `[=${step.slice(2)}]`;
}

/** A set of paths in an object: what a field manager owns. A node may be in the set itself and have parts. */
export class FieldSet {
  member = false;
  readonly children = new Map<Step, FieldSet>();

  /** Reads the `fieldsV1` of a managedFields entry. */
  static parse(value: unknown): FieldSet {
    const set = new FieldSet();
    for (const [step, part] of Object.entries(isObject(value) ? value : {})) {
      if (step === '.') {
        set.member = true;
      } else {
        const child = FieldSet.parse(part);
        child.member ||= child.children.size === 0;
        set.children.set(step, child);
      }
    }
    return set;
  }

  get empty(): boolean {
    return !this.member && this.children.size === 0;
  }

  /** The node one step down, made if absent. */
  child(step: Step): FieldSet {
    let child = this.children.get(step);
    if (child === undefined) {
      child = new FieldSet();
      this.children.set(step, child);
    }
    return child;
  }

  toFieldsV1(): JsonObject {
    const value: JsonObject = {};
    if (this.member && this.children.size > 0) {
      value['.'] = {};
    }
    for (const step of [...this.children.keys()].toSorted()) {
      value[step] = this.children.get(step)?.toFieldsV1();
    }
    return value;
  }

  union(other: FieldSet): FieldSet {
    const result = new FieldSet();
    result.member = this.member || other.member;
    for (const step of new Set([...this.children.keys(), ...other.children.keys()])) {
      const mine = this.children.get(step);
      const theirs = other.children.get(step);
      const child = mine !== undefined && theirs !== undefined ? mine.union(theirs) : (mine ?? theirs);
      if (child !== undefined) {
        result.children.set(step, child);
      }
    }
    return result;
  }

  difference(other: FieldSet): FieldSet {
    const result = new FieldSet();
    result.member = this.member && !other.member;
    for (const [step, mine] of this.children) {
      const theirs = other.children.get(step);
      const child = theirs === undefined ? mine : mine.difference(theirs);
      if (!child.empty) {
        result.children.set(step, child);
      }
    }
    return result;
  }

  intersection(other: FieldSet): FieldSet {
    const result = new FieldSet();
    result.member = this.member && other.member;
    for (const [step, mine] of this.children) {
      const theirs = other.children.get(step);
      const child = theirs === undefined ? undefined : mine.intersection(theirs);
      if (child !== undefined && !child.empty) {
        result.children.set(step, child);
      }
    }
    return result;
  }

  /** Paths as conflicts name them: `.spec.containers[name="a"].image`; nearer ones first. */
  paths(prefix = ''): string[] {
    const here = [...this.children]
      .filter(([, child]) => child.member)
      .map(([step]) => prefix + shownStep(step));
    const below = [...this.children].flatMap(([step, child]) => child.paths(prefix + shownStep(step)));
    return [...here, ...below];
  }
}
