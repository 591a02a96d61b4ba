import { isObject } from '../json.js';
import type { JsonObject } from '../json.js';
import type { FieldType, Scalar } from './field-types.js';
import { struct } from './field-types.js';
import { canonicalQuantity } from './canonical-quantity.js';
import { parseQuantity, quantityPattern } from './quantity.js';
import { checkTime } from './time.js';

/** A value that cannot be what its field wants, in the words of Go's JSON decoder. */
export class DecodeError extends Error {}

const goScalars: Readonly<Record<Scalar, string>> = {
  string: 'string',
  boolean: 'bool',
  int32: 'int32',
  int64: 'int64',
  double: 'float64',
  byte: '[]uint8',
  quantity: 'string',
  time: 'string',
  microTime: 'string',
  intOrString: 'string',
  any: 'interface {}',
};

function goType(type: FieldType): string {
  switch (type.form) {
    case 'scalar':
      return goScalars[type.scalar];
    case 'struct':
      return `v1.${type.name}`;
    case 'list':
      return `[]${goType(type.items)}`;
    case 'map':
      return `map[string]${goType(type.values)}`;
    default:
      return 'interface {}';
  }
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) {
    return 'array';
  }
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

interface Place {
  /** Struct that holds the field, and the path of the fields without indexes: what Go reports. */
  owner: string;
  path: string;
  /** Path with indexes: what unknown fields are reported by. */
  exact: string;
}

/** Goes once over an object: drops what is unknown or empty, reports it, and checks every type. */
class Decoder {
  readonly unknown: string[] = [];

  object(value: JsonObject, name: string, place: Place): JsonObject {
    const fields = struct(name);
    if (fields === undefined) {
      return value;
    }
    const decoded: JsonObject = {};
    for (const key of Object.keys(value)) {
      const type = fields.get(key);
      const exact = place.exact === '' ? key : `${place.exact}.${key}`;
      if (type === undefined) {
        this.unknown.push(exact);
        continue;
      }
      const item = value[key];
      if (item === null || item === undefined) {
        continue;
      }
      const path = place.path === '' ? key : `${place.path}.${key}`;
      const result = this.#value(item, type, { owner: name, path, exact });
      if (result !== undefined) {
        decoded[key] = result;
      }
    }
    return decoded;
  }

  #value(value: unknown, type: FieldType, place: Place): unknown {
    switch (type.form) {
      case 'scalar':
        return this.#scalar(value, type.scalar, place);
      case 'struct':
        return isObject(value) ? this.object(value, type.name, place) : this.#mismatch(value, type, place);
      case 'list': {
        if (!Array.isArray(value)) {
          return this.#mismatch(value, type, place);
        }
        const items = value.map((item: unknown, index) =>
          this.#value(item, type.items, { ...place, exact: `${place.exact}[${index}]` }),
        );
        return items.length === 0 ? undefined : items;
      }
      case 'map': {
        if (!isObject(value)) {
          return this.#mismatch(value, type, place);
        }
        const decoded: JsonObject = {};
        for (const key of Object.keys(value)) {
          const item = value[key];
          decoded[key] =
            item === null ? '' : this.#value(item, type.values, { ...place, exact: `${place.exact}.${key}` });
        }
        return Object.keys(decoded).length === 0 ? undefined : decoded;
      }
      default:
        return value;
    }
  }

  #scalar(value: unknown, scalar: Scalar, place: Place): unknown {
    const type: FieldType = { form: 'scalar', scalar };
    switch (scalar) {
      case 'any':
        return value;
      case 'boolean':
        return typeof value === 'boolean' ? value : this.#mismatch(value, type, place);
      case 'int32':
      case 'int64':
        if (typeof value === 'number' && !Number.isInteger(value)) {
          throw this.#error(`number ${value}`, type, place);
        }
        return typeof value === 'number' ? value : this.#mismatch(value, type, place);
      case 'double':
        return typeof value === 'number' ? value : this.#mismatch(value, type, place);
      case 'intOrString':
        return typeof value === 'number' || typeof value === 'string'
          ? value
          : this.#mismatch(value, type, place);
      case 'quantity': {
        const text = typeof value === 'number' ? String(value) : value;
        if (typeof text !== 'string' || parseQuantity(text) === undefined) {
          throw new DecodeError(`quantities must match the regular expression '${quantityPattern}'`);
        }
        return canonicalQuantity(text);
      }
      default:
        return typeof value === 'string' ? this.#text(value, scalar) : this.#mismatch(value, type, place);
    }
  }

  #text(value: string, scalar: Scalar): string {
    if (scalar === 'byte') {
      const bad = /^[A-Za-z0-9+/\r\n]*={0,2}[\r\n]*$/.test(value) ? -1 : value.search(/[^A-Za-z0-9+/\r\n]/);
      const length = value.replaceAll(/[\r\n]/g, '').length;
      if (bad >= 0 || length % 4 !== 0) {
        throw new DecodeError(`illegal base64 data at input byte ${bad >= 0 ? bad : value.length}`);
      }
    }
    if (scalar === 'time' || scalar === 'microTime') {
      const checked = checkTime(value, scalar === 'microTime');
      if ('error' in checked) {
        throw new DecodeError(checked.error);
      }
      return checked.text;
    }
    return value;
  }

  #mismatch(value: unknown, type: FieldType, place: Place): never {
    throw this.#error(jsonType(value), type, place);
  }

  #error(what: string, type: FieldType, place: Place): DecodeError {
    return new DecodeError(
      `json: cannot unmarshal ${what} into Go struct field ${place.owner}.${place.path} of type ${goType(type)}`,
    );
  }
}

/**
 * Checks an object against the fields of its kind and returns it without unknown fields, nulls, empty lists
 * and empty maps, as a round through the server's Go types does.
 * @throws DecodeError when a value has the wrong type.
 */
export function decode(value: JsonObject, type: string): { object: JsonObject; unknown: string[] } {
  const decoder = new Decoder();
  const object = decoder.object(value, type, { owner: type, path: '', exact: '' });
  return { object, unknown: decoder.unknown };
}
