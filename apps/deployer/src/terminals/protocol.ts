import { TerminalClientFrame, type TerminalServerFrame } from '@cloudemy/contracts';
import type { InputText } from './input-text.js';

/** What a client said, once understood. */
export type ClientMessage =
  | { type: 'input'; bytes: Buffer }
  | { type: 'resize'; cols: number; rows: number }
  | { type: 'ping'; id: string | number | undefined }
  | { type: 'ack'; bytes: number };

/** A frame that means nothing: the sentence is for the client. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** How one connection puts terminal bytes into WebSocket messages. Holds state: one object a connection. */
export interface TerminalProtocol {
  /** Whether the connection begins with a `ready` frame. */
  readonly greets: boolean;
  /** Whether output waits for acknowledgements. */
  readonly acknowledges: boolean;
  /** @returns undefined while the bytes make no whole character yet */
  encode(output: Buffer): string | Buffer | undefined;
  /** What is left of the output when there will be no more. */
  finish(): string | Buffer | undefined;
  /** @throws FrameError */
  decode(message: Buffer, isBinary: boolean): ClientMessage;
}

export const encodeFrame = (frame: TerminalServerFrame): string => JSON.stringify(frame);

/**
 * Reads a JSON text frame.
 *
 * @throws FrameError in words
 */
export function readFrame(text: string): TerminalClientFrame {
  const outcome = TerminalClientFrame.safeParse(parse(text));
  if (outcome.success) return outcome.data;
  const [issue] = outcome.error.issues;
  if (issue?.code === 'invalid_union') {
    throw new FrameError('This type of frame is not known. Types are input, resize, ping and ack.');
  }
  const path = issue?.path.map(String).join('.') ?? '';
  throw new FrameError(
    `The frame is not as it should be: ${path === '' ? '' : `${path}: `}${issue?.message}.`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FrameError('The frame is not JSON. Send such as {"type":"input","data":"ls\\n"}.', { cause });
  }
}

/** @param input what this connection has typed so far as text */
export function toMessage(frame: TerminalClientFrame, input: InputText): ClientMessage {
  switch (frame.type) {
    case 'input':
      return { type: 'input', bytes: input.encode(frame.data) };
    case 'ping':
      return { type: 'ping', id: frame.id };
    default:
      return frame;
  }
}
