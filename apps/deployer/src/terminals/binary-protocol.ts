import { InputText } from './input-text.js';
import { type ClientMessage, type TerminalProtocol, readFrame, toMessage } from './protocol.js';

/** Terminal bytes are binary frames both ways; everything else is a JSON text frame. */
export class BinaryProtocol implements TerminalProtocol {
  readonly greets = true;
  readonly acknowledges = true;
  readonly #input = new InputText();

  encode(output: Buffer): Buffer {
    return output;
  }

  finish(): undefined {
    return undefined;
  }

  decode(message: Buffer, isBinary: boolean): ClientMessage {
    if (isBinary) return { type: 'input', bytes: message };
    return toMessage(readFrame(message.toString()), this.#input);
  }
}
