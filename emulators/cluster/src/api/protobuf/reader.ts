import { badRequest } from '../../store/api-error.js';
import type { JsonObject } from '../../json.js';

/** How the fields of a message are called and read, by their number. */
export interface Message {
  readonly [field: number]: Field;
}

export type Field =
  | { name: string; type: 'string' | 'int' | 'bool' }
  | { name: string; type: 'strings' }
  | { name: string; type: 'message'; of: Message }
  | { name: string; type: 'map'; values: 'string' | 'base64' };

const VARINT = 0;
const LENGTH = 2;

/** Reads the wire format: tags, varints and length-delimited fields are all that Kubernetes uses. */
export class ProtobufReader {
  #position = 0;

  private readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  message(type: Message): JsonObject {
    const value: JsonObject = {};
    while (this.#position < this.bytes.length) {
      const tag = this.#varint();
      this.#field(value, type[Math.floor(tag / 8)], tag % 8);
    }
    return value;
  }

  /** The bytes of one length-delimited field; none if it is absent. */
  bytesOf(field: number): Buffer {
    while (this.#position < this.bytes.length) {
      const tag = this.#varint();
      if (tag % 8 === VARINT) {
        this.#varint();
        continue;
      }
      const part = this.#part();
      if (Math.floor(tag / 8) === field) {
        return part;
      }
    }
    return Buffer.alloc(0);
  }

  #field(value: JsonObject, field: Field | undefined, wire: number): void {
    if (wire === VARINT) {
      const number = this.#varint();
      if (field?.type === 'int' || field?.type === 'bool') {
        value[field.name] = field.type === 'bool' ? number !== 0 : number;
      }
      return;
    }
    if (wire !== LENGTH) {
      throw badRequest(`protobuf: wire type ${wire} is not read here`);
    }
    const part = this.#part();
    switch (field?.type) {
      case 'string':
        value[field.name] = part.toString('utf8');
        break;
      case 'strings': {
        const list = value[field.name];
        value[field.name] = [...(Array.isArray(list) ? list : []), part.toString('utf8')];
        break;
      }
      case 'message':
        value[field.name] = new ProtobufReader(part).message(field.of);
        break;
      case 'map': {
        const entry = new ProtobufReader(part).#entry(field.values);
        value[field.name] = { ...Object(value[field.name]), ...entry };
        break;
      }
      default:
    }
  }

  #entry(values: 'string' | 'base64'): JsonObject {
    let key = '';
    let text = '';
    while (this.#position < this.bytes.length) {
      const tag = this.#varint();
      const part = this.#part();
      if (Math.floor(tag / 8) === 1) {
        key = part.toString('utf8');
      } else {
        text = part.toString(values === 'base64' ? 'base64' : 'utf8');
      }
    }
    return { [key]: text };
  }

  #part(): Buffer {
    const length = this.#varint();
    const end = this.#position + length;
    if (end > this.bytes.length) {
      throw badRequest('protobuf: unexpected end of the message');
    }
    const part = this.bytes.subarray(this.#position, end);
    this.#position = end;
    return part;
  }

  #varint(): number {
    let result = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.bytes[this.#position];
      if (byte === undefined || factor > 2 ** 56) {
        throw badRequest('protobuf: unexpected end of the message');
      }
      this.#position += 1;
      result += (byte & 127) * factor;
      if (byte < 128) {
        return result;
      }
    }
  }
}
