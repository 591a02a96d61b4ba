import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import { isAnswer } from './answers.ts';
import type { TerminalConnection } from './connection.ts';

export interface ScreenLook {
  fontSize: number;
  screenReader: boolean;
}

/** The terminal emulator in an element, and what it says and hears. */
export class TerminalScreen {
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #resizing: ResizeObserver;
  readonly #encoder = new TextEncoder();
  #connection: TerminalConnection | undefined;
  /** While old output is shown again, what it asks of the terminal must not be answered once more. */
  #replayLeft = 0;

  /** @param leave is called for the key that leads out of the terminal */
  constructor(element: HTMLElement, look: ScreenLook, leave: () => void) {
    this.#terminal = new Terminal({
      cursorBlink: true,
      fontFamily: 'ui-monospace, Menlo, Consolas, "Noto Sans Mono CJK KR", monospace',
      fontSize: look.fontSize,
      screenReaderMode: look.screenReader,
      scrollback: 10_000,
    });
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.open(element);
    this.#terminal.attachCustomKeyEventHandler((event) => this.#isForTerminal(event, leave));
    this.#terminal.onData((text) => {
      if (this.#replayLeft === 0 || !isAnswer(text)) this.#connection?.type(this.#encoder.encode(text));
    });
    // One character for each byte; old ways of reporting the mouse are no UTF-8.
    this.#terminal.onBinary((bytes) => {
      this.#connection?.type(Uint8Array.from(bytes, (character) => character.charCodeAt(0)));
    });
    this.#terminal.onResize(({ cols, rows }) => this.#connection?.resize(cols, rows));
    this.#resizing = new ResizeObserver(() => this.fit());
    this.#resizing.observe(element);
    void this.#useGraphics();
  }

  connect(connection: TerminalConnection): void {
    this.#connection = connection;
    this.fit();
    connection.resize(this.#terminal.cols, this.#terminal.rows);
  }

  /** A new connection shows again what came before. */
  begin(replayBytes: number): void {
    this.#terminal.reset();
    this.#replayLeft = replayBytes;
  }

  write(bytes: Uint8Array, shown: () => void): void {
    this.#terminal.write(bytes, () => {
      this.#replayLeft = Math.max(0, this.#replayLeft - bytes.length);
      shown();
    });
  }

  set look({ fontSize, screenReader }: ScreenLook) {
    this.#terminal.options.fontSize = fontSize;
    this.#terminal.options.screenReaderMode = screenReader;
    this.fit();
  }

  set isOver(over: boolean) {
    this.#terminal.options.disableStdin = over;
    this.#terminal.options.cursorBlink = !over;
  }

  focus(): void {
    this.#terminal.focus();
  }

  /** Types a text, as a key on a touch screen does. */
  type(text: string): void {
    this.#connection?.type(this.#encoder.encode(text));
    this.#terminal.focus();
  }

  /** A hidden terminal has no size. */
  fit(): void {
    const element = this.#terminal.element?.parentElement;
    if (element === null || element === undefined || element.clientHeight === 0) return;
    this.#fit.fit();
  }

  dispose(): void {
    this.#resizing.disconnect();
    this.#terminal.dispose();
  }

  #isForTerminal(event: KeyboardEvent, leave: () => void): boolean {
    if (event.type !== 'keydown') return true;
    if (event.ctrlKey && event.altKey && event.key === 'ArrowUp') {
      event.preventDefault();
      leave();
      return false;
    }
    if (event.ctrlKey && event.shiftKey && event.code === 'KeyC' && this.#terminal.hasSelection()) {
      event.preventDefault();
      void navigator.clipboard.writeText(this.#terminal.getSelection());
      return false;
    }
    // The browser pastes, and the terminal takes what was pasted.
    return !(event.ctrlKey && event.shiftKey && event.code === 'KeyV');
  }

  /** Drawn by the graphics card where there is one. */
  async #useGraphics(): Promise<void> {
    try {
      const { WebglAddon } = await import('@xterm/addon-webgl');
      const addon = new WebglAddon();
      addon.onContextLoss(() => addon.dispose());
      this.#terminal.loadAddon(addon);
    } catch {
      // Without it the terminal draws as it did.
    }
  }
}
