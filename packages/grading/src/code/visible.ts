/**
 * Characters that a reader of the code does not see: controls other than tab and newline, all of Unicode's format
 * characters (zero-width marks, bidirectional overrides, the tag characters in which whole sentences can be
 * hidden from people but not from a model), and variation selectors but U+FE0F, which emoji are written with.
 */
const invisible = /(?![\t\n])[\p{Cc}\p{Cf}]|[\ufe00-\ufe0e\u{e0100}-\u{e01ef}]/gu;

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
  // The answer that the model is to give.
  /"criterion_id"\s*:[\s\S]{0,2000}?"met"\s*:/,
  // Sentences in invisible characters: tags, variation selectors, zero-width marks. In rows, they are no spelling.
  /[\u{e0020}-\u{e007e}]{4,}/u,
  /[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]{4,}/u,
  /[\u200b-\u200d\u2060\ufeff]{4,}/u,
];

/** Whether the code holds text made to look like the frame of the conversation instead of its content. */
export function imitatesFrame(code: string): boolean {
  return imitations.some((pattern) => pattern.test(code));
}
