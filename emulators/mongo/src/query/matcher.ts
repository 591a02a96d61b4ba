import { type Document, isDocument } from '../bson/document.js';
import { valuesAt } from '../bson/paths.js';
import { CommandError } from '../errors.js';
import { compileExpression } from './expression.js';
import { compileOperator, equality, isOperatorDocument, type LeafTest, regexTest } from './operators.js';
import { isRegex } from './regex.js';

/** Tells whether a document satisfies a filter. */
export type Matcher = (document: unknown) => boolean;

/**
 * Compiles a filter once, to be run on many documents.
 * @throws CommandError 2 for an unknown or malformed operator
 */
export function compileFilter(filter: Document): Matcher {
  const clauses = Object.entries(filter).map(([key, condition]) => compileClause(key, condition));
  if (clauses.length === 1 && clauses[0] !== undefined) return clauses[0];
  return (document) => clauses.every((clause) => clause(document));
}

/** Compiles what stands behind a field name: a value, a regular expression, or operators. */
export function compileCondition(condition: unknown): LeafTest {
  if (isRegex(condition)) return regexTest(condition);
  if (!isOperatorDocument(condition)) return equality(condition);
  const tests = Object.entries(condition)
    .filter(([operator]) => operator !== '$options')
    .map(([operator, operand]) => compileNested(operator, operand, condition));
  return (leaves) => tests.every((test) => test(leaves));
}

function compileNested(operator: string, operand: unknown, siblings: Document): LeafTest {
  if (operator === '$not') {
    if (!isRegex(operand) && !isOperatorDocument(operand)) {
      throw new CommandError(2, '$not needs a regex or a document');
    }
    const test = compileCondition(operand);
    return (leaves) => !test(leaves);
  }
  if (operator === '$elemMatch') {
    const matches = compileElement(operand);
    return (leaves) => leaves.some((leaf) => Array.isArray(leaf) && leaf.some(matches));
  }
  if (operator === '$all') return compileAll(operand);
  return compileOperator(operator, operand, siblings);
}

/** Compiles the operand of `$elemMatch`, to be run on one array element. */
export function compileElement(operand: unknown): (item: unknown) => boolean {
  if (!isDocument(operand)) throw new CommandError(2, '$elemMatch needs an Object');
  if (isOperatorDocument(operand) && !Object.keys(operand).some(isLogical)) {
    const test = compileCondition(operand);
    return (item) => test([item]);
  }
  const matches = compileFilter(operand);
  return (item) => isDocument(item) && matches(item);
}

function compileAll(operand: unknown): LeafTest {
  if (!Array.isArray(operand)) throw new CommandError(2, '$all needs an array');
  if (operand.length === 0) return () => false;
  const tests = operand.map((item: unknown) => compileCondition(item));
  return (leaves) => tests.every((test) => test(leaves));
}

function isLogical(key: string): boolean {
  return key === '$and' || key === '$or' || key === '$nor' || key === '$expr';
}

function compileClause(key: string, condition: unknown): Matcher {
  if (!key.startsWith('$')) {
    const parts = key.split('.');
    const test = compileCondition(condition);
    return (document) => test(valuesAt(document, parts));
  }
  switch (key) {
    case '$and': {
      const branches = compileBranches(key, condition);
      return (document) => branches.every((branch) => branch(document));
    }
    case '$or': {
      const branches = compileBranches(key, condition);
      return (document) => branches.some((branch) => branch(document));
    }
    case '$nor': {
      const branches = compileBranches(key, condition);
      return (document) => !branches.some((branch) => branch(document));
    }
    case '$expr': {
      const evaluate = compileExpression(condition);
      return (document) => isDocument(document) && isTrue(evaluate(document));
    }
    case '$comment':
      return () => true;
    default:
      throw new CommandError(2, `unknown top level operator: ${key}`);
  }
}

function compileBranches(key: string, condition: unknown): Matcher[] {
  if (!Array.isArray(condition) || condition.length === 0) {
    throw new CommandError(2, `${key} must be a nonempty array`);
  }
  return condition.map((branch: unknown) => {
    if (!isDocument(branch)) throw new CommandError(2, `${key} entries need to be full objects`);
    return compileFilter(branch);
  });
}

function isTrue(value: unknown): boolean {
  return value !== false && value !== null && value !== undefined && value !== 0;
}
