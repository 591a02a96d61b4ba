const key = 'cloudemy.terminals';

/** Keeps ids of sessions for as long as this browser tab lives, reloads included. */
export function rememberSessions(ids: readonly string[]): void {
  sessionStorage.setItem(key, ids.join(' '));
}

export function rememberedIds(): string[] {
  return (sessionStorage.getItem(key) ?? '').split(' ').filter((id) => id !== '');
}
