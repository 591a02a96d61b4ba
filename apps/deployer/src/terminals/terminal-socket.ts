import type { TerminalCloseReason } from '@cloudemy/contracts';
import { WebSocket } from 'ws';
import { closeReason } from './close-reason.js';
import { encodeFrame } from './protocol.js';

/** What the WebSocket library itself closes a connection for, by its code. */
const ends: Readonly<Record<number, readonly [TerminalCloseReason, string]>> = {
  1002: ['protocol_error', 'This is not how WebSocket frames are made (RFC 6455).'],
  1007: ['protocol_error', 'A text frame was not valid UTF-8.'],
  1009: ['message_too_big', 'A frame may have 8 MiB at most: send what is longer in several.'],
};

/** A WebSocket that says why it closes, also where the library closes it with a bare code. */
export class TerminalSocket extends WebSocket {
  override close(code?: number, data?: string | Buffer): void {
    const end = data === undefined && code !== undefined ? ends[code] : undefined;
    if (end === undefined || this.readyState !== WebSocket.OPEN) {
      super.close(code, data);
      return;
    }
    const [reason, message] = end;
    this.send(encodeFrame({ type: 'exit', reason, message, exit_code: null }), () => undefined);
    super.close(code, closeReason(reason, message));
  }
}
