import { UUID } from 'bson';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { decode } from '../bson/document.js';
import { Collection } from './collection.js';
import { describeIndex, parseIndex } from './index-specification.js';
import type { Change, Journal } from './journal.js';
import { lockFolder } from './lock.js';
import { type OpenLogFile, readLog } from './log-file.js';
import { type Durability, LogJournal } from './log-journal.js';
import { Store } from './store.js';

const LOG_NAME = 'data.log';
const LOCK_NAME = 'emulator-mongo.lock';

/** A store whose changes are kept in a folder. */
export interface StoredFolder {
  readonly store: Store;
  /** Writes what is pending and gives the folder free. */
  close(): Promise<void>;
}

/**
 * Opens the data of a folder, creating it when missing.
 * @throws Error when another server uses the folder or its log cannot be read
 */
export async function openFolder(
  folder: string,
  durability: Durability,
  log: (line: string) => void,
  openFile: OpenLogFile = open,
): Promise<StoredFolder> {
  await mkdir(folder, { recursive: true });
  const unlock = await lockFolder(folder, LOCK_NAME);
  try {
    const path = join(folder, LOG_NAME);
    await rm(`${path}.new`, { force: true });
    const journal = new DeferredJournal();
    const store = new Store(journal);
    const { size, torn } = existsSync(path)
      ? await readLog(path, (change) => replay(store, change))
      : { size: 0, torn: 0 };
    if (torn > 0) {
      await copyFile(path, `${path}.torn`);
      log(
        `cut ${torn} bytes of an unfinished write at byte ${size} of ${path}; the file as it was: ${path}.torn`,
      );
    }
    for (const collection of store.collections.values()) collection.rebuild();
    const opened = await LogJournal.open({
      path,
      size,
      durability,
      snapshot: { byteSize: () => store.byteSize, changes: () => snapshot(store) },
      openFile,
      log,
    });
    journal.target = opened;
    return {
      store,
      async close() {
        await opened.close();
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** The store needs its journal before the log it is filled from has been read. */
class DeferredJournal implements Journal {
  target: Journal | undefined;

  ready(): Promise<void> {
    return this.target?.ready() ?? Promise.resolve();
  }

  append(change: Change, undo: () => void): void {
    this.target?.append(change, undo);
  }

  flushed(): Promise<void> {
    return this.target?.flushed() ?? Promise.resolve();
  }
}

function replay(store: Store, change: Change): void {
  const { namespace } = change;
  if (change.op === 'create') {
    const { uuid } = change.info;
    const known = uuid instanceof UUID ? uuid : undefined;
    if (!store.collections.has(namespace)) {
      store.collections.set(namespace, new Collection(namespace, store.journal, known));
    }
    return;
  }
  if (change.op === 'drop') {
    store.collections.delete(namespace);
    return;
  }
  const collection = store.collections.get(namespace);
  // A snapshot may already lack what a change just before it touched.
  if (!collection) return;
  switch (change.op) {
    case 'put':
      return collection.restore(decode(change.document), change.document);
    case 'delete':
      return collection.restoreDeletion(decode(change.key));
    case 'createIndex':
      return collection.restoreIndex(parseIndex(change.info));
  }
}

function snapshot(store: Store): Change[] {
  return [...store.collections.values()].flatMap(({ namespace, uuid, indexes, records }): Change[] => [
    { op: 'create', namespace, info: { uuid } },
    ...[...indexes.values()]
      .filter(({ specification }) => specification.name !== '_id_')
      .map(({ specification }): Change => ({
        op: 'createIndex',
        namespace,
        info: describeIndex(specification),
      })),
    ...[...records.values()].map(({ bytes }): Change => ({ op: 'put', namespace, document: bytes })),
  ]);
}
