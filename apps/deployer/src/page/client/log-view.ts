import type { LogEndEvent, LogEvent, LogGapEvent, LogWaitingEvent } from '@cloudemy/contracts';
import { api } from './api.js';
import { byId, element } from './dom.js';
import { readEvents } from './event-source.js';

/** Lines that the page keeps; the log itself has them all. */
const maxLines = 5_000;
/** Pixels from its end within which the view follows the log. */
const atEnd = 30;

/** Follows one log at a time. */
export class LogView {
  readonly #section = byId('log-section', HTMLElement);
  readonly #title = byId('log-title', HTMLElement);
  readonly #note = byId('log-note', HTMLElement);
  readonly #lines = byId('log', HTMLPreElement);
  readonly #pause = byId('log-pause', HTMLButtonElement);
  #stop: () => void = () => undefined;
  /** Lines that came since the last frame, or while paused. */
  #waiting: string[] = [];
  #paused = false;
  #drawing = false;

  constructor() {
    this.#pause.addEventListener('click', () => this.#setPaused(!this.#paused));
    byId('log-close', HTMLButtonElement).addEventListener('click', () => this.#close());
  }

  follow(job: string, namespace: string): void {
    this.#stop();
    this.#waiting = [];
    this.#lines.replaceChildren();
    this.#setPaused(false);
    this.#title.textContent = `Log of ${job}`;
    this.#note.textContent = 'Connecting …';
    this.#section.hidden = false;
    this.#section.scrollIntoView({ block: 'nearest' });
    this.#stop = readEvents(api.logUrl(job, namespace), {
      open: () => this.#say('Following.'),
      event: (name, data) => this.#heed(name, data),
      lost: (over) =>
        this.#say(over ? 'There is no log to follow. The status of the Job says why.' : 'Connecting again …'),
    });
  }

  #heed(name: string, data: string): void {
    if (name === 'log') {
      const { lines }: LogEvent = JSON.parse(data);
      this.#waiting.push(...lines);
      if (this.#waiting.length > maxLines) this.#waiting.splice(0, this.#waiting.length - maxLines);
      this.#draw();
    } else if (name === 'gap') {
      const { pod, container, message }: LogGapEvent = JSON.parse(data);
      this.#waiting.push(`— ${pod}/${container}: ${message} —`);
      this.#draw();
    } else if (name === 'waiting') {
      const { message }: LogWaitingEvent = JSON.parse(data);
      this.#say(`Waiting: ${message}`);
    } else if (name === 'end') {
      const { outcome, message }: LogEndEvent = JSON.parse(data);
      this.#stop();
      this.#say(`The log has ended (${outcome.replaceAll('_', ' ')}): ${message}`);
    }
  }

  /** At most once a frame, however fast lines come. */
  #draw(): void {
    if (this.#drawing || this.#paused) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      if (this.#paused) return;
      const { scrollHeight, scrollTop, clientHeight } = this.#lines;
      const following = scrollHeight - scrollTop - clientHeight < atEnd;
      this.#lines.append(
        ...this.#waiting.map((line) => element('div', {}, line === '' ? ' ' : withoutReordering(line))),
      );
      this.#waiting = [];
      while (this.#lines.childElementCount > maxLines) this.#lines.firstElementChild?.remove();
      if (following) this.#lines.scrollTop = this.#lines.scrollHeight;
    });
  }

  #setPaused(paused: boolean): void {
    this.#paused = paused;
    this.#pause.textContent = paused ? 'Go on' : 'Pause';
    this.#pause.setAttribute('aria-pressed', String(paused));
    this.#draw();
  }

  #close(): void {
    this.#stop();
    this.#section.hidden = true;
  }

  #say(words: string): void {
    this.#note.textContent = words;
  }
}

/** What turns the order of a line around for the reader, spelled out: a program could show what it did not print. */
function withoutReordering(line: string): string {
  return line.replaceAll(
    /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `[U+${character.charCodeAt(0).toString(16).toUpperCase()}]`,
  );
}
