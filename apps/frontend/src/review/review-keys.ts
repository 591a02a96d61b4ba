/** What the keys of the review page do. */
export type ReviewAction = 'next' | 'before' | 'points' | 'comment' | 'confirm' | 'undo' | 'open' | 'help';

const actions: Readonly<Record<string, ReviewAction>> = {
  j: 'next',
  k: 'before',
  p: 'points',
  c: 'comment',
  y: 'confirm',
  u: 'undo',
  o: 'open',
  '?': 'help',
};

/** In the order in which they are listed. */
export const reviewKeys = Object.entries(actions);

/** What a key asks for; nothing while somebody types, or holds a key that makes it another one. */
export function actionOf({
  key,
  ctrlKey,
  metaKey,
  altKey,
  target,
}: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'target'>): ReviewAction | undefined {
  if (ctrlKey || metaKey || altKey) return undefined;
  const isTyping =
    typeof HTMLElement !== 'undefined' &&
    target instanceof HTMLElement &&
    target.matches('input:not([type="checkbox"]), textarea, select, [contenteditable="true"]');
  return isTyping ? undefined : actions[key];
}
