/** The marks between which models think aloud before they answer; some templates write the first one themselves. */
const closing = /<\/(?:think|thinking|thought|reasoning|reflection)>|<\|channel\|>\s*final\s*<\|message\|>/gi;
const opening =
  /^\s*(?:<(?:think|thinking|thought|reasoning|reflection)>|<\|channel\|>\s*(?:analysis|commentary))/i;

/**
 * What a model says after it has thought; drafts in its thoughts are no answer. Undefined when it never stopped
 * thinking.
 */
export function afterThinking(text: string): string | undefined {
  const last = [...text.matchAll(closing)].at(-1);
  if (last !== undefined) return text.slice(last.index + last[0].length);
  return opening.test(text) ? undefined : text;
}
