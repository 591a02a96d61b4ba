/** Ways this emulator can be told to answer. `normal` is the default. */
export const BEHAVIOURS = [
  'normal',
  'slow',
  'refuse',
  'rate-limit',
  'quota',
  'wrong-key',
  'rubbish',
  'timeout',
  'error-500',
  'truncated',
  'content-filter',
  'wrong-schema',
  'drop',
  'flaky',
] as const;

export type Behaviour = (typeof BEHAVIOURS)[number];

/** Whether the text is the name of a behaviour. */
export function isBehaviour(text: unknown): text is Behaviour {
  return BEHAVIOURS.some((name) => name === text);
}

/** The behaviour a model name such as `gpt-4o-mini#slow` asks for; undefined when it has no `#`. */
export function suffixOf(model: string): string | undefined {
  const at = model.lastIndexOf('#');
  return at === -1 ? undefined : model.slice(at + 1);
}
