import { readFile } from 'node:fs/promises';
import type { LogFile } from '../logs/log-file.js';
import { readLog } from '../logs/log-reader.js';
import type { Container } from '../pod.js';

/** The limits of a kubelet: bytes of the file, and of the log in its place. */
const FILE_LIMIT = 4096;
const LOG_LIMIT = 2048;
const LOG_LINES = 80;

/** The last words of a container: its message file, or the end of its log if the policy says so. */
export async function terminationMessage(
  container: Container,
  file: string,
  log: LogFile,
  exitCode: number,
): Promise<string> {
  const written = await readFile(file).catch(() => Buffer.alloc(0));
  if (written.length > 0) {
    return written.subarray(0, FILE_LIMIT).toString();
  }
  if (container.terminationMessagePolicy !== 'FallbackToLogsOnError' || exitCode === 0) {
    return '';
  }
  const chunks: Buffer[] = [];
  const { signal } = new AbortController();
  for await (const chunk of readLog(log, {
    follow: false,
    timestamps: false,
    tailLines: LOG_LINES,
    signal,
  })) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).subarray(-LOG_LIMIT).toString();
}
