import { cloneJson, equalJson, isObject } from '../../json.js';
import { ApiError, badRequest } from '../../store/api-error.js';

interface Operation {
  op: unknown;
  path: string[];
  from: string[] | undefined;
  value: unknown;
}

function rejected(): ApiError {
  return new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}

function pointer(text: unknown): string[] | undefined {
  if (typeof text !== 'string' || (text !== '' && !text.startsWith('/'))) {
    return undefined;
  }
  return text
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function operation(value: unknown): Operation {
  if (!isObject(value)) {
    throw badRequest(
      'error decoding patch: json: cannot unmarshal string into Go value of type handlers.jsonPatchOp',
    );
  }
  const path = pointer(value['path']);
  if (path === undefined) {
    throw rejected();
  }
  return { op: value['op'], path, from: pointer(value['from']), value: value['value'] };
}

function index(list: unknown[], key: string, appending: boolean): number {
  if (appending && key === '-') {
    return list.length;
  }
  const position = /^\d+$/.test(key) ? Number(key) : Number.NaN;
  if (!(position <= (appending ? list.length : list.length - 1))) {
    throw rejected();
  }
  return position;
}

function step(container: unknown, key: string): unknown {
  if (Array.isArray(container)) {
    return container[index(container, key, false)];
  }
  if (isObject(container) && Object.hasOwn(container, key)) {
    return container[key];
  }
  throw rejected();
}

/** A document under change; the root is held in a box so that it can be replaced too. */
class Document {
  public root: unknown;

  constructor(root: unknown) {
    this.root = root;
  }

  get(path: readonly string[]): unknown {
    return path.reduce(step, this.root);
  }

  add(path: readonly string[], value: unknown): void {
    const key = path.at(-1);
    if (key === undefined) {
      this.root = value;
      return;
    }
    const parent = this.get(path.slice(0, -1));
    if (Array.isArray(parent)) {
      parent.splice(index(parent, key, true), 0, value);
    } else if (isObject(parent)) {
      parent[key] = value;
    } else {
      throw rejected();
    }
  }

  remove(path: readonly string[]): unknown {
    const key = path.at(-1);
    const parent = this.get(path.slice(0, -1));
    if (key === undefined) {
      throw rejected();
    }
    const old = step(parent, key);
    if (Array.isArray(parent)) {
      parent.splice(index(parent, key, false), 1);
    } else if (isObject(parent)) {
      delete parent[key];
    }
    return old;
  }
}

function apply(document: Document, { op, path, from, value }: Operation): void {
  switch (op) {
    case 'add':
      document.add(path, cloneJson(value));
      break;
    case 'remove':
      document.remove(path);
      break;
    case 'replace':
      if (path.length > 0) {
        document.remove(path);
      }
      document.add(path, cloneJson(value));
      break;
    case 'test':
      if (!equalJson(document.get(path), value)) {
        throw rejected();
      }
      break;
    case 'move':
    case 'copy': {
      if (from === undefined) {
        throw rejected();
      }
      const moved = op === 'move' ? document.remove(from) : cloneJson(document.get(from));
      document.add(path, moved);
      break;
    }
    default:
      throw rejected();
  }
}

/**
 * RFC 6902. `target` is not changed.
 * @throws ApiError 400 for what is no patch, 422 for one that cannot be carried out.
 */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) {
    const type = isObject(patch) ? 'object' : typeof patch;
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${type} into Go value of type []handlers.jsonPatchOp`,
    );
  }
  const document = new Document(cloneJson(target));
  patch.map(operation).forEach((item) => {
    apply(document, item);
  });
  return document.root;
}
