import { type FileHandle, open } from 'node:fs/promises';
import type { Change } from './journal.js';
import { decodeChange, MAGIC, MAX_RECORD_BYTES } from './log-record.js';

const READ_BYTES = 1024 * 1024;

/**
 * Reads a log from its start.
 * @returns how many bytes are whole records; what follows is the torn end of a write that was never acknowledged
 * @throws Error when the file is not a log
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
      if (chunk.length === 0 || window.length > MAX_RECORD_BYTES) return { size: valid, torn: total - valid };
    }
  } finally {
    await file.close();
  }
}

/** False for the torn header of a log that never held anything. */
function isHeader(window: Buffer, path: string): boolean {
  const head = window.subarray(0, MAGIC.length);
  if (head.equals(MAGIC)) return true;
  if (MAGIC.subarray(0, head.length).equals(head)) return false;
  throw new Error(`${path} is not a log of this server, or of another version`);
}

async function readChunk(file: FileHandle, position: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  const { bytesRead } = await file.read(buffer, 0, READ_BYTES, position);
  return buffer.subarray(0, bytesRead);
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
