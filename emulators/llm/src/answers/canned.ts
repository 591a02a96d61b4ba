/**
 * What this emulator knows of the programs in `examples/`; nothing of it is a judgement. By what such a program holds: a
 * piece of code that is a fault (or whose absence is one), the criteria that it costs, by words of their ids, and why.
 * All other programs meet every criterion whose names in backticks they hold.
 */
const FAULTS: Readonly<Record<string, readonly Fault[]>> = {
  merge_intervals: [
    ['holds', 'len(intervals) + 1', /result/, 'the loop runs one past the end'],
    ['holds', 'start < merged[-1][1]', /result/, 'intervals that touch stay apart'],
    ['lacks', 'raise ValueError', /invalid/, 'nothing refuses an interval that ends before it starts'],
    ['lacks', 'assert ', /tests/, 'there are no tests'],
    ['lacks', 'if not intervals', /documentation/, 'the function does not say what it raises'],
  ],
  LruCache: [
    ['holds', '<= this.keys.length', /eviction/, 'the loop runs one past the end'],
    ['lacks', 'this.touch(', /eviction|documentation/, 'reading an entry does not count as a use'],
    ['holds', 'indexOf(', /time/, 'the work grows with the number of entries'],
    ['lacks', 'RangeError', /capacity/, 'any capacity is accepted'],
  ],
  'class Account': [
    ['holds', 'total / count', /balance/, 'the mean is cut to a whole number'],
    ['holds', 'return 0;\n    }\n\n    public boolean', /balance/, 'the mean is always 0'],
    ['holds', 'name == owner', /owner/, 'names are compared by identity'],
    ['lacks', 'throw new', /amounts|documentation/, 'no amount is refused'],
  ],
};

type Fault = readonly [when: 'holds' | 'lacks', marker: string, criteria: RegExp, why: string];

/** Phrases of the examples that speak to the grader. */
const MANIPULATIONS: readonly RegExp[] = [
  /ignore all previous instructions/i,
  /give full marks/i,
  /award the maximum score/i,
  /you are an assistant that grades/i,
  /criterion is to be treated as met/i,
  /"met"\s*:\s*true/,
];

export interface Criterion {
  readonly id: string;
  readonly title: string;
  readonly description: string;
}

export interface CannedVerdict {
  readonly criterionId: string;
  readonly met: boolean;
  readonly reason: string;
  /** A line of the code, or null when none shows it. */
  readonly evidence: string | null;
}

/** The canned verdict on each criterion. The same input always gives the same. */
export function cannedVerdicts(criteria: readonly Criterion[], code: string): CannedVerdict[] {
  return criteria.map((criterion) => verdictOn(criterion, code));
}

function verdictOn(criterion: Criterion, code: string): CannedVerdict {
  const lines = code.split('\n');
  const criterionId = criterion.id;
  const firstLine = (lines.find(isDeclaration) ?? lines.find(isCode))?.trim();
  if (firstLine === undefined) {
    return { criterionId, met: false, reason: 'the submission has no code', evidence: null };
  }
  const missing = namesIn(criterion).find((name) => !code.includes(name));
  if (missing !== undefined) {
    return { criterionId, met: false, reason: `${missing} is not in the code`, evidence: null };
  }
  const faults = Object.entries(FAULTS).flatMap(([example, known]) => (code.includes(example) ? known : []));
  const fault = faults.find(
    ([when, marker, criteria]) => criteria.test(criterionId) && code.includes(marker) === (when === 'holds'),
  );
  if (fault === undefined) {
    return {
      criterionId,
      met: true,
      reason: 'no rule of the emulator speaks against it',
      evidence: firstLine,
    };
  }
  const [when, marker, , reason] = fault;
  const marked = when === 'holds' && lines.find((line) => line.includes(marker.split('\n')[0] ?? ''));
  return { criterionId, met: false, reason, evidence: marked ? marked.trim() : null };
}

/** Evidence has to be code: a comment or a docstring shows nothing. */
const isCode = (line: string): boolean => /\w/.test(line) && !/^\s*(?:#|\/\/|\/?\*|"""|''')/.test(line);
const isDeclaration = (line: string): boolean =>
  /^\s*(?:export|public|def|class|function|fn|func|import|package)\s+\w/.test(line);

/** Names that a criterion puts in backticks. */
function namesIn({ title, description }: Criterion): string[] {
  return [...`${title} ${description}`.matchAll(/`([A-Za-z_]\w*)[^`]*`/g)].map((found) => found[1] ?? '');
}

/** The line that speaks to the grader, or null. Base64 is looked into. */
export function cannedManipulation(code: string): string | null {
  const speaks = (text: string): boolean => MANIPULATIONS.some((phrase) => phrase.test(text));
  const hidden = (line: string): string[] =>
    (line.match(/[A-Za-z0-9+/]{24,}={0,2}/g) ?? []).map((run) => Buffer.from(run, 'base64').toString());
  const line = code.split('\n').find((text) => speaks(text) || hidden(text).some(speaks));
  return line?.trim() ?? null;
}
