import { CommandError } from '../errors.js';
import { Collection } from './collection.js';
import { type Journal, NO_JOURNAL } from './journal.js';

/** `mongod` limits a namespace to this many bytes. */
const MAX_NAMESPACE_BYTES = 255;

/** All databases: collections by their namespace, `database.collection`. */
export class Store {
  readonly collections = new Map<string, Collection>();
  readonly journal: Journal;

  constructor(journal: Journal = NO_JOURNAL) {
    this.journal = journal;
  }

  get(database: string, name: string): Collection | undefined {
    return this.collections.get(`${database}.${name}`);
  }

  /**
   * The collection, created when missing.
   * @throws CommandError 73 for a name MongoDB does not allow
   */
  ensure(database: string, name: string): Collection {
    return this.get(database, name) ?? this.create(database, name);
  }

  /** Creates a collection that is known to be missing. */
  create(database: string, name: string): Collection {
    const namespace = `${database}.${name}`;
    assertName(database, name);
    const collection = new Collection(namespace, this.journal);
    this.collections.set(namespace, collection);
    this.journal.append({ op: 'create', namespace, info: { uuid: collection.uuid } }, () => {
      this.collections.delete(namespace);
    });
    return collection;
  }

  drop(collection: Collection): void {
    const { namespace } = collection;
    this.collections.delete(namespace);
    this.journal.append({ op: 'drop', namespace, info: {} }, () => {
      this.collections.set(namespace, collection);
    });
  }

  /** The collections of one database by their short names. */
  inDatabase(database: string): [name: string, collection: Collection][] {
    const prefix = `${database}.`;
    return [...this.collections.values()]
      .filter(({ namespace }) => namespace.startsWith(prefix))
      .map((collection) => [collection.namespace.slice(prefix.length), collection]);
  }

  /** Bytes of all documents. */
  get byteSize(): number {
    let total = 0;
    for (const { byteSize } of this.collections.values()) total += byteSize;
    return total;
  }
}

function assertName(database: string, name: string): void {
  const invalid =
    database === '' ||
    /[\0/\\. "$]/.test(database) ||
    name === '' ||
    /[\0$]|^\.|^system\./.test(name) ||
    Buffer.byteLength(`${database}.${name}`) > MAX_NAMESPACE_BYTES;
  if (invalid) throw new CommandError(73, `Invalid namespace specified '${database}.${name}'`);
}
