import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  SessionId,
  maxTerminalFrameBytes,
  terminalCloseCodes,
  terminalSubprotocols,
} from '@cloudemy/contracts';
import { type OriginPolicy, ProblemError, refuseOrigin } from '@cloudemy/service';
import { type WebSocket, WebSocketServer } from 'ws';
import type { AuditTrail } from '@cloudemy/auth';
import { type AdmissionParts, type Entry, admit } from './admission.js';
import { Attachment, type AttachmentOptions, closeMs } from './attachment.js';
import { terminalEvent } from './audit.js';
import { BinaryProtocol } from './binary-protocol.js';
import { closeReason } from './close-reason.js';
import { JsonProtocol } from './json-protocol.js';
import { type TerminalProtocol, encodeFrame } from './protocol.js';
import type { SessionEnd } from './session-end.js';
import { TerminalSocket } from './terminal-socket.js';

export interface GatewayParts extends AdmissionParts {
  audit: AuditTrail;
  origins: OriginPolicy;
  attachments: AttachmentOptions;
  /** Address of the client, through trusted proxies. */
  addressOf: (req: IncomingMessage) => string;
}

const terminalPath = /^\/terminal\/([^/?#]+)$/;
const supported: readonly string[] = [terminalSubprotocols.binary, terminalSubprotocols.json];

/**
 * Connects WebSockets with sessions. A handshake that is wrong stays an ordinary request, so that whoever asks
 * wrongly is answered, logged and counted like everybody else. One that is right but names no session is upgraded
 * and closed with a reason: a page in a browser cannot read the answer to a refused handshake.
 */
export class TerminalGateway {
  readonly #sockets: WebSocketServer;
  /** Connections that have not closed yet, and handshakes. */
  readonly #open = new Set<Promise<void>>();
  readonly #connected = new Set<WebSocket>();

  private readonly parts: GatewayParts;

  constructor(parts: GatewayParts) {
    this.parts = parts;

    this.#sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: maxTerminalFrameBytes,
      autoPong: false,
      WebSocket: TerminalSocket,
      handleProtocols: (offered) => chooseProtocol([...offered]) ?? false,
    });
  }

  /** Whether to upgrade this request; for `shouldUpgradeCallback` of `node:http`. */
  accepts(req: IncomingMessage): boolean {
    if (sessionIdOf(req) === undefined || !asksForWebSocket(req)) return false;
    try {
      this.check(req);
      return true;
    } catch (error) {
      if (error instanceof ProblemError) return false;
      throw error;
    }
  }

  /**
   * Whether a request is a handshake for a terminal as it must be, wherever that leads.
   *
   * @throws ProblemError with what is wrong with it
   */
  check(req: IncomingMessage): void {
    const foreign = refuseOrigin(this.parts.origins, {
      origin: req.headers.origin,
      host: req.headers.host,
    });
    if (foreign !== undefined) throw new ProblemError('foreign_origin', { detail: foreign });
    if (!asksForWebSocket(req)) throw upgradeRequired();
    assertHandshake(req);
  }

  /** For `upgrade` of `node:http`, with a request that was accepted. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    const left = (): void => void socket.destroy();
    socket.on('error', left);
    const done = admit(this.parts, req, sessionIdOf(req) ?? '').then((admission) => {
      socket.off('error', left);
      this.#sockets.handleUpgrade(req, socket, head, (connection) => {
        if ('refusal' in admission) {
          this.#noteRefusal(req, admission.refusal);
          this.#turnAway(connection, admission.refusal);
        } else this.#connect(req, connection, admission);
      });
    });
    this.#keep(done);
  }

  /** Waits until all connections have closed, for a while: then they are cut. */
  async drained(): Promise<void> {
    const cut = setTimeout(() => {
      for (const socket of this.#connected) socket.terminate();
    }, closeMs);
    await Promise.all(this.#open);
    clearTimeout(cut);
  }

  #connect(req: IncomingMessage, socket: WebSocket, { session, right }: Entry): void {
    const { audit, attachments, addressOf } = this.parts;
    const who = { user_id: right.userId, address: addressOf(req) };
    audit.note(terminalEvent(session, 'terminal_attached', who));
    session.visitor = right;
    this.#keepSocket(socket);
    const onClose = (code: number): void => {
      audit.note(terminalEvent(session, 'terminal_detached', { ...who, reason: String(code) }));
      if (!session.terminal.connected) session.visitor = undefined;
    };
    const protocol = speaks(socket.protocol);
    const attachment = new Attachment(socket, protocol, session.terminal, attachments, onClose);
    attachment.start(session.id);
  }

  #noteRefusal(req: IncomingMessage, { reason }: SessionEnd): void {
    if (!refusedFor.has(reason)) return;
    this.parts.audit.refuse({
      event: 'connectTerminal',
      address: this.parts.addressOf(req),
      object_kind: 'session',
      object_id: sessionIdOf(req)?.slice(0, 8) ?? null,
      reason,
    });
  }

  #turnAway(socket: WebSocket, { reason, message }: SessionEnd): void {
    this.#keepSocket(socket);
    socket.on('error', () => undefined);
    socket.send(encodeFrame({ type: 'exit', reason, message, exit_code: null }));
    socket.close(terminalCloseCodes[reason], closeReason(reason, message));
    const cut = setTimeout(() => socket.terminate(), closeMs).unref();
    socket.once('close', () => clearTimeout(cut));
  }

  #keepSocket(socket: WebSocket): void {
    this.#connected.add(socket);
    socket.once('close', () => this.#connected.delete(socket));
    this.#keep(closed(socket));
  }

  /** Remembers what is under way until it is over. */
  #keep(done: Promise<void>): void {
    this.#open.add(done);
    void done.finally(() => this.#open.delete(done));
  }
}

/** Ends of a handshake that say that somebody may not do what they tried. */
const refusedFor: ReadonlySet<string> = new Set(['bad_ticket', 'access_lost']);

const closed = (socket: WebSocket): Promise<void> =>
  new Promise((resolve) => {
    socket.once('close', () => resolve());
  });

function speaks(subprotocol: string): TerminalProtocol {
  return subprotocol === terminalSubprotocols.binary
    ? new BinaryProtocol()
    : new JsonProtocol(subprotocol === terminalSubprotocols.json);
}

const chooseProtocol = (offered: readonly string[]): string | undefined =>
  offered.find((name) => supported.includes(name));

/** The session that a request names, if its path is that of a terminal. */
const sessionIdOf = (req: IncomingMessage): string | undefined =>
  SessionId.safeParse(terminalPath.exec(req.url?.split('?', 1)[0] ?? '')?.[1]).data;

const asksForWebSocket = (req: IncomingMessage): boolean =>
  req.method === 'GET' && req.headers.upgrade?.toLowerCase() === 'websocket';

/** For who asks for a terminal without wanting a WebSocket. */
export function upgradeRequired(): ProblemError {
  return new ProblemError('upgrade_required', {
    detail: 'A terminal is used over a WebSocket: connect to the websocket_url of its session.',
    headers: { Upgrade: 'websocket', Connection: 'Upgrade' },
  });
}

/** @throws ProblemError for a handshake that RFC 6455 (section 4.2.1) refuses, or for unknown subprotocols only */
function assertHandshake({ headers }: IncomingMessage): void {
  const key = headers['sec-websocket-key'] ?? '';
  if (headers['sec-websocket-version'] !== '13' || !/^[+/0-9A-Za-z]{22}==$/.test(key)) {
    throw new ProblemError('malformed_request', {
      detail: 'This is no WebSocket handshake of version 13 (RFC 6455).',
      headers: { 'Sec-WebSocket-Version': '13' },
    });
  }
  const offered = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim());
  if (offered !== undefined && chooseProtocol(offered) === undefined) {
    throw new ProblemError('malformed_request', {
      detail: `None of the offered subprotocols is known here. Offer none, or one of ${supported.join(', ')}.`,
    });
  }
}
