/** What a page has to remember of a session to come back to it. */
export interface OpenTerminal {
  session_id: string;
  job_name: string;
  namespace: string;
  pod_name: string;
  container_name: string;
  created_at: string;
  /** Good for one connection; asked for again after a reload. */
  websocket_url?: string | undefined;
}

const key = 'cloudemy-terminals';

/** The terminals of this window, over a reload. */
export function remembered(): OpenTerminal[] {
  try {
    const list: unknown = JSON.parse(sessionStorage.getItem(key) ?? '[]');
    return Array.isArray(list) ? list.filter((one) => typeof Object(one)['session_id'] === 'string') : [];
  } catch {
    return [];
  }
}

export function remember(terminals: readonly OpenTerminal[]): void {
  // An address with a ticket is good for once: it is not kept.
  const kept = terminals.map(({ websocket_url: _, ...rest }) => rest);
  sessionStorage.setItem(key, JSON.stringify(kept));
}
