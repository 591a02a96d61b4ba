import { findFlaws, type Flaw } from './flaws.js';
import { speaksToGrader } from './manipulation.js';
import type { Criterion } from './request.js';
import { readSource, type Source } from './source.js';
import { namesIn, topicOf, type Topic } from './topic.js';

/** What the stand-in finds on one criterion. */
export interface Judgement {
  criterionId: string;
  met: boolean;
  /** Share of the points earned, 0 to 1. */
  fraction: number;
  reason: string;
  /** A line of the code, or null when no line shows it. */
  evidence: string | null;
}

/** Share a criterion loses for each flaw that touches it. */
const PER_FLAW = 0.4;
/** From this share on a criterion counts as met. */
const MET_FROM = 0.7;

/** What a topic looks for besides the absence of flaws; `pattern` is tried on every line. */
const LOOKED_FOR: Partial<Record<Topic, { what: string; pattern: RegExp; in: 'code' | 'comment' }>> = {
  documentation: {
    what: 'a comment or docstring that explains',
    pattern: /[A-Za-z]{3,}.*[A-Za-z]{3,}/,
    in: 'comment',
  },
  tests: {
    what: 'a test or an assertion',
    pattern: /\bassert|\bexpect\(|@Test|\btest\(|def test_|func Test/,
    in: 'code',
  },
  robustness: {
    what: 'handling of empty, missing or invalid input',
    pattern:
      /\braise\b|\bthrow\b|\bthrows\b|\bexcept\s+\w|\bcatch\b|\bif not\b|\bif\s*\(\s*!|(?:length|size\(\)|len\(\w+\))\s*(?:===?|<=?)\s*[01]|(?:isEmpty|is_none|isNaN|isInteger|isFinite|isinstance)\b|\bis None\b|[!=]==?\s*(?:null|nil|undefined|NULL)\b|<=?\s*0\b|\bErr\(|errors\.New/,
    in: 'code',
  },
};

/** Judges a program by every criterion. The same input always gives the same judgement. */
export function judge(criteria: Criterion[], code: string): Judgement[] {
  const source = readSource(code);
  const flaws = findFlaws(source);
  return criteria.map((criterion) => judgeOne(criterion, source, flaws));
}

function judgeOne(criterion: Criterion, source: Source, flaws: Flaw[]): Judgement {
  const unmet = (reason: string, line?: number, fraction = 0): Judgement => ({
    criterionId: criterion.id,
    met: false,
    fraction,
    reason,
    evidence: line === undefined ? null : evidenceAt(source, line),
  });
  if (!source.lines.some(({ code }) => /\w/.test(code))) return unmet('the submission has no code');

  const { wanted, unwanted } = namesIn(criterion);
  const forbidden = unwanted.find((name) => lineNaming(source, name) !== undefined);
  if (forbidden !== undefined) {
    return unmet(`the code uses ${forbidden}, which it must not`, lineNaming(source, forbidden));
  }
  const absent = wanted.filter((name) => lineNaming(source, name) === undefined);
  if (wanted.length > 0 && absent.length === wanted.length)
    return unmet(`${absent.join(', ')} is not in the code`);

  const topic = topicOf(criterion);
  const sought = LOOKED_FOR[topic];
  const shown = sought === undefined ? firstCode(source, wanted) : lineMatching(source, sought);
  if (sought !== undefined && shown === undefined) return unmet(`no line shows ${sought.what}`);

  const touching = flaws.filter((flaw) => touches(flaw, topic, wanted, source));
  const lost = touching.length * PER_FLAW + (wanted.length === 0 ? 0 : absent.length / wanted.length);
  const fraction = Math.max(0, Math.round((1 - lost) * 100) / 100);
  const [worst] = touching;
  const faults = touching.map((flaw) => `line ${flaw.line + 1}: ${flaw.why}`);
  if (absent.length > 0) faults.push(`${absent.join(', ')} is not in the code`);
  if (fraction < MET_FROM) return unmet(faults.join('; '), worst?.line, fraction);
  return {
    criterionId: criterion.id,
    met: true,
    fraction,
    reason: [
      `line ${(shown ?? 0) + 1} shows ${sought?.what ?? 'it, and no obvious flaw was found'}`,
      ...faults,
    ].join('; '),
    evidence: evidenceAt(source, shown ?? 0),
  };
}

/** A flaw counts by topic; when the criterion names functions, only within those (or outside any). */
function touches(flaw: Flaw, topic: Topic, names: string[], source: Source): boolean {
  if (!flaw.topics.includes(topic)) return false;
  const named = source.functions.filter((each) => names.includes(each.name));
  const home = source.functions.findLast((each) => each.start <= flaw.line && flaw.line < each.end);
  return (
    named.length === 0 ||
    home === undefined ||
    named.some((each) => each.start <= flaw.line && flaw.line < each.end)
  );
}

function lineNaming(source: Source, name: string): number | undefined {
  return found(source.lines.findIndex(({ code }) => new RegExp(`\\b${name}\\b`).test(code)));
}

function lineMatching(
  source: Source,
  sought: { pattern: RegExp; in: 'code' | 'comment' },
): number | undefined {
  return found(
    source.lines.findIndex((line) => sought.pattern.test(line[sought.in]) && !speaksToGrader(line.comment)),
  );
}

/** The declaration of a wanted function, else of any function, else the first line of code. */
function firstCode(source: Source, names: string[]): number | undefined {
  const declared = source.functions.find((each) => names.includes(each.name)) ?? source.functions[0];
  return declared?.start ?? found(source.lines.findIndex(({ code }) => /\w/.test(code)));
}

function found(index: number): number | undefined {
  return index === -1 ? undefined : index;
}

function evidenceAt(source: Source, line: number): string | null {
  const text = source.lines[line]?.text.trim() ?? '';
  return text === '' ? null : text;
}
