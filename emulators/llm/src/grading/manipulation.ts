/** Sentences that speak to whoever grades, not to whoever runs the program. */
const ADDRESSES = [
  /\b(?:ignore|disregard|forget|override)\b[^.\n]{0,40}\b(?:instructions?|prompts?|rubric|rules|criteria)\b/i,
  /\b(?:ignore|disregard|forget)\s+(?:all|everything|anything|what)\b[^.\n]{0,30}\babove\b/i,
  /\b(?:give|award|assign|grant)\b[^.\n]{0,40}\b(?:full|maximum|max|highest|perfect|all)\b[^.\n]{0,20}\b(?:marks?|points?|scores?|credit|grade)\b/i,
  /\b(?:mark|set|consider|grade|treat)(?:ed|d)?\b[^.\n]{0,40}?\b(?:as (?:met|passed|correct)|to true|criteri(?:on|a) (?:is|are|as) met)\b/i,
  /\byou are (?:now )?(?:an?|the)\b[^.\n]{0,30}\b(?:grader|assistant|ai|model|llm|evaluator|examiner|teacher)\b/i,
  /\b(?:dear|attention|note to|hey|hello)\b[^.\n]{0,20}\b(?:grader|ai|llm|model|evaluator|assistant)\b/i,
  /^[\s#/*"'`-]*(?:system|assistant|developer)\s*:\s+\S+\s+\S+/i,
  /<\/?(?:system|instructions?|rubric|submission|student|answer|code)(?:[-_:][\w-]+)?>/i,
  /<\|?(?:im_start|im_end|endoftext|system)\|?>/i,
  /"met"\s*:\s*true/i,
];
/** Base64 runs shorter than this hold no sentence. */
const ENCODED = /[A-Za-z0-9+/]{24,}={0,2}/g;

/**
 * The line of a submission that talks to the grader, or null when none does. Base64 is looked into.
 * The line is quoted as it stands; nothing it says is acted upon.
 */
export function findManipulation(submission: string): string | null {
  for (const line of submission.split('\n')) {
    if (speaksToGrader(line) || hiddenTexts(line).some(speaksToGrader)) return line.trim();
  }
  // A sentence may be broken over lines: comment signs between them are read as blanks.
  const joined = submission.replaceAll(/\s*\n[\s#/*]*/g, ' ');
  const spanning = ADDRESSES.slice(0, 5).map((pattern) => pattern.exec(joined)?.[0]);
  const found = spanning.find((text) => text !== undefined);
  if (found === undefined) return null;
  const opening = found.split(' ').slice(0, 3).join(' ');
  return (
    submission
      .split('\n')
      .find((line) => line.includes(opening))
      ?.trim() ?? found
  );
}

/** Whether a text holds a sentence that is meant for the grader. */
export function speaksToGrader(text: string): boolean {
  return ADDRESSES.some((pattern) => pattern.test(text));
}

function hiddenTexts(line: string): string[] {
  return (line.match(ENCODED) ?? []).map((run) => Buffer.from(run, 'base64').toString('utf8'));
}
