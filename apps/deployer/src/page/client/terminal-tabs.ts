import { api, inWords } from './api.js';
import { byId } from './dom.js';
import { rememberSessions, rememberedIds } from './session-memory.js';
import { TerminalTab, type KnownSession } from './terminal-tab.js';

/** The open terminals, one of them in front. A reload returns to the same sessions. */
export class TerminalTabs {
  readonly #section = byId('terminal-section', HTMLElement);
  readonly #title = byId('terminal-title', HTMLElement);
  readonly #list = byId('terminal-tabs', HTMLElement);
  readonly #panels = byId('terminal-panels', HTMLElement);
  readonly #tabs: TerminalTab[] = [];

  constructor() {
    this.#list.addEventListener('keydown', ({ key }) => {
      if (key === 'ArrowRight') this.#step(1);
      if (key === 'ArrowLeft') this.#step(-1);
    });
  }

  async open(job: string, namespace: string): Promise<void> {
    this.#section.hidden = false;
    this.#title.textContent = `Opening a terminal in ${job} …`;
    this.#section.scrollIntoView({ block: 'nearest' });
    try {
      const session = await api.openTerminal(job, namespace);
      this.#title.textContent = 'Terminals';
      this.#add(session, session.websocket_url);
    } catch (error) {
      this.#title.textContent = inWords(error);
    }
  }

  /** Shows again the sessions that this browser tab had and that are still there. */
  async restore(): Promise<void> {
    const shown = new Set(this.#tabs.map(({ session }) => session.session_id));
    const ids = rememberedIds().filter((id) => !shown.has(id));
    if (ids.length === 0) return;
    const { items } = await api.terminals();
    for (const id of ids) {
      const session = items.find(({ session_id }) => session_id === id);
      if (session !== undefined) this.#add(session);
    }
    this.#remember();
  }

  /** Shows the service the credentials there are now, so that no terminal is cut when the old ones end. */
  showCredentials(): void {
    for (const { session } of this.#tabs) api.terminalTicket(session.session_id).catch(() => undefined);
  }

  /** @param url where to connect to, if that is known already */
  #add(session: KnownSession, url?: string): void {
    const tab = new TerminalTab(session, url, {
      select: (tab) => this.#show(tab),
      close: (tab) => void this.#end(tab),
    });
    this.#tabs.push(tab);
    this.#list.append(tab.tab);
    this.#panels.append(tab.panel);
    this.#section.hidden = false;
    this.#show(tab);
    this.#remember();
  }

  #show(front: TerminalTab): void {
    for (const tab of this.#tabs) tab.selected = tab === front;
  }

  #step(by: number): void {
    const at = this.#tabs.findIndex(({ panel }) => !panel.hidden);
    const next = this.#tabs.at((at + by) % this.#tabs.length);
    if (next !== undefined) this.#show(next);
  }

  async #end(tab: TerminalTab): Promise<void> {
    tab.remove();
    this.#tabs.splice(this.#tabs.indexOf(tab), 1);
    const last = this.#tabs.at(-1);
    if (last === undefined) this.#section.hidden = true;
    else this.#show(last);
    this.#remember();
    // It may have ended already.
    await api.endTerminal(tab.session.session_id).catch(() => undefined);
  }

  #remember(): void {
    rememberSessions(this.#tabs.map(({ session }) => session.session_id));
  }
}
