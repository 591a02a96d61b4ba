import { badRequest } from './api-error.js';

export type Labels = Readonly<Record<string, string>>;
export type LabelPredicate = (labels: Labels | undefined) => boolean;

const none: Labels = {};
const token = /\s*(,|\(|\)|==|!=|=|!|<|>|[^\s,()=!<>]+)/y;

function tokens(text: string): string[] {
  const found: string[] = [];
  token.lastIndex = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    found.push(match[1] ?? '');
  }
  return found;
}

function isWord(text: string | undefined): text is string {
  return text !== undefined && !/^[,()=!<>]/.test(text);
}

function fail(found: string | undefined, expected: string, comma = true): never {
  throw badRequest(
    `unable to parse requirement: found '${found ?? ''}'${comma ? ',' : ''} expected: ${expected}`,
  );
}

/** Label values end at 63 bytes, also in a question about them. */
function checked(key: string, value: string): string {
  if (value.length > 63) {
    throw badRequest(
      `unable to parse requirement: values[0][${key}]: Invalid value: "${value}": must be no more than 63 bytes`,
    );
  }
  return value;
}

/** Recursive descent over `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>5`. */
class Parser {
  #position = 0;
  readonly #tokens: string[];

  constructor(text: string) {
    this.#tokens = tokens(text);
  }

  parse(): LabelPredicate[] {
    const requirements: LabelPredicate[] = [];
    while (this.#peek() !== undefined) {
      requirements.push(this.#requirement());
      const separator = this.#next();
      if (separator === undefined) {
        break;
      }
      if (separator !== ',') {
        throw badRequest(`found '${separator}', expected: ',' or 'end of string'`);
      }
      if (this.#peek() === undefined) {
        throw badRequest(`found '', expected: identifier after ','`);
      }
    }
    return requirements;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#position];
  }

  #next(): string | undefined {
    const found = this.#tokens[this.#position];
    this.#position += 1;
    return found;
  }

  #key(): string {
    const key = this.#next();
    return isWord(key) ? key : fail(key, 'identifier');
  }

  #requirement(): LabelPredicate {
    if (this.#peek() === '!') {
      this.#next();
      const key = this.#key();
      return (labels = none) => !(key in labels);
    }
    const key = this.#key();
    const operator = this.#peek();
    if (operator === undefined || operator === ',') {
      return (labels = none) => key in labels;
    }
    this.#next();
    switch (operator) {
      case '=':
      case '==': {
        const value = checked(key, this.#value());
        return (labels = none) => labels[key] === value;
      }
      case '!=': {
        const value = this.#value();
        return (labels = none) => labels[key] !== value;
      }
      case '>':
      case '<': {
        const bound = Number(this.#value());
        return (labels = none) => {
          const actual = Number(labels[key] ?? Number.NaN);
          return operator === '>' ? actual > bound : actual < bound;
        };
      }
      case 'in': {
        const values = this.#values();
        return (labels = none) => {
          const actual = labels[key];
          return actual !== undefined && values.has(actual);
        };
      }
      case 'notin': {
        const values = this.#values();
        return (labels = none) => !values.has(labels[key] ?? '\0');
      }
      default:
        return fail(operator, 'in, notin, =, ==, !=, gt, lt');
    }
  }

  #value(): string {
    const value = this.#peek();
    if (value === undefined || value === ',') {
      return '';
    }
    this.#next();
    return isWord(value) ? value : fail(value, 'identifier');
  }

  #values(): Set<string> {
    const open = this.#next();
    if (open !== '(') {
      fail(open, "'('", false);
    }
    const values = new Set<string>();
    for (;;) {
      const item = this.#next();
      if (item === ')') {
        return values;
      }
      if (item === ',') {
        values.add('');
        continue;
      }
      if (!isWord(item)) {
        fail(item, "',', ')' or identifier");
      }
      values.add(item);
      const after = this.#next();
      if (after === ')') {
        return values;
      }
      if (after !== ',') {
        fail(after, "',' or ')'");
      }
    }
  }
}

/**
 * Compiles a label selector of a query.
 * @throws ApiError 400 in the API server's words when it does not parse.
 */
export function parseLabelSelector(text: string): LabelPredicate {
  const requirements = new Parser(text).parse();
  return (labels) => requirements.every((requirement) => requirement(labels));
}
