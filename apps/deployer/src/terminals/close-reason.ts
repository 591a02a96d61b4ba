import type { TerminalCloseReason } from '@cloudemy/contracts';

/** A close frame has room for 123 bytes (RFC 6455, section 5.5). */
export function closeReason(reason: TerminalCloseReason, message: string): string {
  const text = `${reason}: ${message}`;
  return Buffer.byteLength(text) <= 123 ? text : reason;
}
