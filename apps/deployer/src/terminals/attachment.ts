import { type TerminalServerFrame, terminalCloseCodes } from '@cloudemy/contracts';
import type { WebSocket } from 'ws';
import { closeReason } from './close-reason.js';
import { startHeartbeat } from './heartbeat.js';
import { OutputQueue, toBuffer } from './output-queue.js';
import { type ClientMessage, FrameError, type TerminalProtocol, encodeFrame } from './protocol.js';
import type { SessionEnd } from './session-end.js';
import type { TerminalSession, Viewer } from './session.js';

export interface AttachmentOptions {
  pingMs: number;
  stalledMs: number;
}

/** Frames without meaning that a connection may send before it is closed. */
const maxBadFrames = 20;
/** Milliseconds a client may take to answer a close, unless output waits before it. */
export const closeMs = 5_000;
/** Bytes waiting for a client above which it gets no answers to its pings: it does not read them. */
const unreadBytes = 1_048_576;

/**
 * One WebSocket at a session: what the client sends goes in, what the shell writes comes out, and each side waits
 * for the other. Lives until either of them ends.
 */
export class Attachment implements Viewer {
  readonly #output: OutputQueue;
  readonly #stopHeartbeat: () => void;
  #badFrames = 0;
  #open = true;

  private readonly socket: WebSocket;
  private readonly protocol: TerminalProtocol;
  private readonly session: TerminalSession;
  private readonly stalledMs: number;

  /** @param onClose called once, when the client is gone; with the code that the connection closed with */
  constructor(
    socket: WebSocket,
    protocol: TerminalProtocol,
    session: TerminalSession,
    options: AttachmentOptions,
    onClose: (code: number) => void,
  ) {
    this.socket = socket;
    this.protocol = protocol;
    this.session = session;
    this.stalledMs = options.stalledMs;

    this.#output = new OutputQueue(socket, protocol, () => this.#drained());
    this.#stopHeartbeat = startHeartbeat(socket, {
      intervalMs: options.pingMs,
      stalledMs: options.stalledMs,
      waitingSince: () => this.#output.waitingSince,
      onTooSlow: () => this.#closeSlow(),
    });
    socket.on('message', (data, isBinary) => this.#receive(toBuffer(data), isBinary));
    socket.on('ping', (data) => {
      if (socket.bufferedAmount < unreadBytes) socket.pong(data);
    });
    // What goes wrong on a socket closes it, and its close says so.
    socket.on('error', () => undefined);
    socket.once('close', (code) => {
      this.#leave();
      onClose(code);
    });
  }

  /** Takes the session over and shows its last output. */
  start(sessionId: string): void {
    const replay = this.session.attach(this);
    if (this.protocol.greets) {
      this.#say({ type: 'ready', session_id: sessionId, replay_bytes: replay.length });
    }
    if (replay.length > 0) this.#output.push(replay);
  }

  output(chunk: Buffer): boolean {
    return this.#output.push(chunk);
  }

  inputDrained(): void {
    this.#output.suspendWindow(false);
    this.socket.resume();
  }

  dismissed(why: SessionEnd): void {
    this.#close(why);
  }

  ended(end: SessionEnd): void {
    this.#output.finish();
    this.#close(end);
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (!this.#open) return;
    try {
      this.#obey(this.protocol.decode(data, isBinary));
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#complain(error);
    }
  }

  #obey(message: ClientMessage): void {
    switch (message.type) {
      case 'input':
        if (this.session.input(message.bytes)) return;
        // The kernel holds what comes now; the client waits as it would for a slow program.
        this.socket.pause();
        this.#output.suspendWindow(true);
        return;
      case 'resize':
        this.session.resize(message.cols, message.rows);
        return;
      case 'ack':
        this.#output.acknowledge(message.bytes);
        return;
      case 'ping':
        if (this.socket.bufferedAmount >= unreadBytes) return;
        this.#say({ type: 'pong', ...(message.id === undefined ? {} : { id: message.id }) });
    }
  }

  #complain(error: FrameError): void {
    this.#badFrames += 1;
    if (this.#badFrames <= maxBadFrames) {
      this.#say({ type: 'error', code: 'bad_frame', message: error.message });
      return;
    }
    const message = `More than ${maxBadFrames} frames were not understood.`;
    this.#close({ reason: 'protocol_error', message, exitCode: null });
  }

  #drained(): void {
    if (this.#open) this.session.resumeOutput();
  }

  /** What waits is given up: the client does not take it. The session stays for whoever comes next. */
  #closeSlow(): void {
    const message = 'The output was not read for too long. Connect again to go on.';
    this.#close({ reason: 'too_slow', message, exitCode: null });
  }

  #close({ reason, message, exitCode }: SessionEnd): void {
    if (!this.#open) return;
    this.#leave();
    this.#say({ type: 'exit', reason, message, exit_code: exitCode });
    this.socket.resume();
    this.socket.close(terminalCloseCodes[reason], closeReason(reason, message));
    // One that is slow learns why only after the output that is on its way already.
    const graceMs = reason === 'too_slow' ? Math.max(this.stalledMs, closeMs) : closeMs;
    const cut = setTimeout(() => this.socket.terminate(), graceMs).unref();
    this.socket.once('close', () => clearTimeout(cut));
  }

  #leave(): void {
    this.#open = false;
    this.#stopHeartbeat();
    this.#output.discard();
    this.session.detach(this);
  }

  #say(frame: TerminalServerFrame): void {
    this.socket.send(encodeFrame(frame), () => undefined);
  }
}
