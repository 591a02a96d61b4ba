import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import { api, isRefusal } from './api.js';
import { button, element } from './dom.js';
import { isAnswer } from './terminal-answers.js';
import { TerminalConnection } from './terminal-connection.js';

/** What the page has to remember of a session to come back to it. */
export interface KnownSession {
  session_id: string;
  job_name: string;
  pod_name: string;
}

export interface TabEvents {
  select(tab: TerminalTab): void;
  /** The tab is to go, and the session with it. */
  close(tab: TerminalTab): void;
}

/** A session on a terminal emulator, with the tab that shows it. */
export class TerminalTab {
  readonly tab: HTMLElement;
  readonly panel: HTMLElement;
  readonly #select: HTMLButtonElement;
  readonly #note = element('p', { className: 'note' });
  readonly #screen = element('div', { className: 'terminal' });
  readonly #terminal = new Terminal({ cursorBlink: true, fontSize: 14, scrollback: 5_000 });
  readonly #fit = new FitAddon();
  readonly #connection: TerminalConnection;
  readonly #resizing = new ResizeObserver(() => this.#refit());
  /** While old output is shown again, what it asks of the terminal must not be answered once more. */
  #replayLeft = 0;

  readonly session: KnownSession;

  /** @param firstUrl where to connect to at first; later a ticket is asked for */
  constructor(session: KnownSession, firstUrl: string | undefined, events: TabEvents) {
    this.session = session;

    const { job_name, pod_name } = session;
    this.#select = button(job_name, () => events.select(this));
    this.#select.role = 'tab';
    this.#select.title = pod_name;
    const close = button('×', () => events.close(this));
    close.setAttribute('aria-label', `End the terminal in ${pod_name}`);
    this.tab = element('span', {}, this.#select, close);
    this.tab.role = 'presentation';
    this.#note.role = 'status';
    this.panel = element('div', { hidden: true }, this.#note, this.#screen);
    this.panel.role = 'tabpanel';
    this.panel.setAttribute('aria-label', `Terminal in ${pod_name}`);
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.open(this.#screen);
    let url = firstUrl;
    const nextUrl = async (): Promise<string> => {
      const known = url;
      url = undefined;
      return known ?? (await api.terminalTicket(session.session_id)).websocket_url;
    };
    this.#connection = new TerminalConnection(nextUrl, isRefusal, {
      ready: (replayBytes) => {
        this.#terminal.reset();
        this.#replayLeft = replayBytes;
      },
      output: (bytes, shown) => this.#terminal.write(bytes, () => this.#shown(bytes.length, shown)),
      state: (words, over) => this.#tell(words, over),
    });
    const encoder = new TextEncoder();
    this.#terminal.onData((text) => {
      if (this.#replayLeft === 0 || !isAnswer(text)) this.#connection.type(encoder.encode(text));
    });
    // One character for each byte; old ways of reporting the mouse are no UTF-8.
    this.#terminal.onBinary((bytes) => {
      this.#connection.type(Uint8Array.from(bytes, (character) => character.charCodeAt(0)));
    });
    this.#terminal.onResize(({ cols, rows }) => this.#connection.resize(cols, rows));
    this.#resizing.observe(this.#screen);
  }

  set selected(selected: boolean) {
    this.panel.hidden = !selected;
    this.#select.ariaSelected = String(selected);
    if (!selected) return;
    this.#refit();
    this.#terminal.focus();
  }

  /** Takes it off the page; the session is left alone. */
  remove(): void {
    this.#resizing.disconnect();
    this.#connection.close();
    this.#terminal.dispose();
    this.tab.remove();
    this.panel.remove();
  }

  #shown(bytes: number, acknowledge: () => void): void {
    this.#replayLeft = Math.max(0, this.#replayLeft - bytes);
    acknowledge();
  }

  #tell(words: string, over: boolean): void {
    this.#note.textContent = words;
    if (!over) return;
    this.#terminal.options.disableStdin = true;
    this.#terminal.options.cursorBlink = false;
  }

  /** A hidden terminal has no size. */
  #refit(): void {
    if (this.panel.hidden) return;
    this.#fit.fit();
    this.#connection.resize(this.#terminal.cols, this.#terminal.rows);
  }
}
