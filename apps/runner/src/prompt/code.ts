/**
 * Characters that a reader of the code does not see: controls other than tab and newline, bidirectional
 * overrides, zero-width marks at the start of a file, and the tag characters (U+E0000 to U+E007F) in which
 * whole sentences can be hidden from people but not from a model.
 */
const invisible = /(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

/** The code as the model reads it: line ends as \n, and what is invisible spelled out, as in `[U+202E]`. */
export function visibleCode(code: string): string {
  return code
    .toWellFormed()
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(
      invisible,
      (character) => `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    );
}

const imitations = [
  // Our own fence, whatever its number.
  /<\/?submission-[0-9a-z]+>/i,
  // The marks by which chat templates tell who speaks.
  /<\|(?:im_start|im_end|im_sep|endoftext|system|user|assistant|start_header_id|end_header_id|eot_id)\|>/i,
  /\[\/?INST\]|<<\/?SYS>>/,
  // Sentences in invisible tag characters.
  /[\u{e0020}-\u{e007e}]{4,}/u,
];

/** Whether the code holds text made to look like the frame of the conversation instead of its content. */
export function imitatesFrame(code: string): boolean {
  return imitations.some((pattern) => pattern.test(code));
}
