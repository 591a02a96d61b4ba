import { StringDecoder } from 'node:string_decoder';
import { InputText } from './input-text.js';
import { type ClientMessage, FrameError, type TerminalProtocol, readFrame, toMessage } from './protocol.js';

/** Everything is a JSON text frame. Characters come out whole however their bytes were cut. */
export class JsonProtocol implements TerminalProtocol {
  readonly acknowledges = false;
  readonly #output = new StringDecoder('utf8');
  readonly #input = new InputText();

  readonly greets: boolean;

  /** @param greets only who asked for the protocol by name knows the `ready` frame */
  constructor(greets: boolean) {
    this.greets = greets;
  }

  encode(output: Buffer): string | undefined {
    return frame(this.#output.write(output));
  }

  finish(): string | undefined {
    return frame(this.#output.end());
  }

  decode(message: Buffer, isBinary: boolean): ClientMessage {
    if (isBinary) {
      throw new FrameError(
        'This connection takes text frames with JSON. Binary frames need the subprotocol cloudemy.terminal.v1.binary.',
      );
    }
    const frame = readFrame(message.toString());
    if (frame.type === 'ack') {
      throw new FrameError('Only the subprotocol cloudemy.terminal.v1.binary acknowledges output.');
    }
    return toMessage(frame, this.#input);
  }
}

/** Built by hand: half the time of encoding the object, and this is where floods pass. */
const frame = (text: string): string | undefined =>
  text === '' ? undefined : `{"type":"output","data":${JSON.stringify(text)}}`;
