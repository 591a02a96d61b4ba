import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Change } from './journal.js';
import { decodeChange, encodeChange, isDamaged, MAGIC, MAX_RECORD_BYTES } from './log-record.js';

const READ_BYTES = 1024 * 1024;
const WRITE_BYTES = 1024 * 1024;

/** What the log needs of an open file. */
export type LogFile = Pick<FileHandle, 'write' | 'truncate' | 'datasync' | 'sync' | 'close'>;
export type OpenLogFile = (path: string, flags: 'w+' | 'r+') => Promise<LogFile>;

/**
 * Reads a log from its start.
 * @returns how many bytes are whole records; what follows is the torn end of a write that was never acknowledged
 * @throws Error when the file is not a log, or damaged before its end
 */
export async function readLog(
  path: string,
  apply: (change: Change) => void,
): Promise<{ size: number; torn: number }> {
  const file = await open(path, 'r');
  try {
    const total = (await file.stat()).size;
    let window: Buffer = Buffer.alloc(0);
    let position = 0;
    let valid = 0;
    let headed = false;
    for (;;) {
      const chunk = await readChunk(file, position);
      position += chunk.length;
      window = Buffer.concat([window, chunk]);
      if (!headed && (window.length >= MAGIC.length || chunk.length === 0)) {
        if (!isHeader(window, path)) return { size: 0, torn: total };
        window = window.subarray(MAGIC.length);
        valid = MAGIC.length;
        headed = true;
      }
      let next = headed ? decodeChange(window) : undefined;
      while (next) {
        apply(next.change);
        valid += next.size;
        window = window.subarray(next.size);
        next = decodeChange(window);
      }
      if (chunk.length === 0 || window.length > MAX_RECORD_BYTES) {
        if (isDamaged(window)) throw damage(path, valid);
        return { size: valid, torn: total - valid };
      }
    }
  } finally {
    await file.close();
  }
}

function damage(path: string, offset: number): Error {
  return new Error(
    `${path} is damaged: the record at byte ${offset} does not match its checksum. The file is left as it is. ` +
      `Put a copy in its place, or give up what follows: truncate --size=${offset} ${path}`,
  );
}

/** False for the torn header of a log that never held anything. */
function isHeader(window: Buffer, path: string): boolean {
  const head = window.subarray(0, MAGIC.length);
  if (head.equals(MAGIC)) return true;
  if (MAGIC.subarray(0, head.length).equals(head)) return false;
  throw new Error(`${path} is not a log of this server, or of another version, or damaged at byte 0`);
}

async function readChunk(file: FileHandle, position: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  const { bytesRead } = await file.read(buffer, 0, READ_BYTES, position);
  return buffer.subarray(0, bytesRead);
}

/** Writes changes to a new log, down to the disk, and puts it in the place of the old one. */
export async function replaceLog(
  path: string,
  temporary: string,
  changes: readonly Change[],
  openFile: OpenLogFile,
): Promise<{ file: LogFile; size: number }> {
  const file = await openFile(temporary, 'w+');
  try {
    let size = await writeAll(file, MAGIC, 0);
    let batch: Buffer[] = [];
    let batched = 0;
    for (const [i, change] of changes.entries()) {
      const record = encodeChange(change);
      batch.push(record);
      batched += record.length;
      if (batched < WRITE_BYTES && i < changes.length - 1) continue;
      size = await writeAll(file, Buffer.concat(batch), size);
      batch = [];
      batched = 0;
    }
    await file.sync();
    await rename(temporary, path);
    await syncFolder(dirname(path));
    return { file, size };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Writes all bytes at a position; gives the position behind them. */
export async function writeAll(file: LogFile, bytes: Uint8Array, position: number): Promise<number> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
  return position + written;
}

/** Makes a rename in the folder durable. Windows cannot sync a folder, and need not. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
