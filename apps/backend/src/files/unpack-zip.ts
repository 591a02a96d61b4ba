import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { maxFiles } from '@cloudemy/contracts';
import { type Entry, type ZipFile, fromBuffer } from 'yauzl';
import type { RawFile } from './raw-file.js';
import { named, refused, tooLarge } from './refused.js';

/** What systems and tools add by themselves: nobody hands it in. */
const addedBySystems =
  /(^|\/)(__MACOSX|\.git|\.svn|__pycache__|node_modules)\/|(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini)$/;

/** Entries of an archive, those that are passed over included. */
const maxEntries = 2_000;
/** By how much a file may grow: text rarely grows by more than 20. */
const maxRatio = 200;

/**
 * Unpacks an archive in memory. Nothing is inflated before what its directory says was found to be within the limits, and
 * inflating stops where the directory was wrong.
 *
 * @param allBytes of all files together
 * @throws ProblemError `invalid_request` for what is no archive or holds links, encrypted files or paths that lead out;
 *   `too_large`
 */
export async function unpackZip(archive: Buffer, allBytes: number): Promise<RawFile[]> {
  const zip = await open(archive);
  if (zip.entryCount > maxEntries) {
    throw tooLarge('archive', `has ${zip.entryCount} entries; at most ${maxEntries} are taken`);
  }
  const entries = (await directoryOf(zip)).filter(
    ({ fileName }) => !fileName.endsWith('/') && !addedBySystems.test(fileName),
  );
  if (entries.length > maxFiles) {
    throw tooLarge('archive', `has ${entries.length} files; at most ${maxFiles} are taken`);
  }
  const size = entries.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
  if (size > allBytes) throw tooLarge('archive', `unpacks to ${size} bytes; at most ${allBytes} are taken`);
  for (const entry of entries) assertPlain(entry);
  const files: RawFile[] = [];
  for (const entry of entries) files.push({ path: entry.fileName, bytes: await inflate(zip, entry) });
  return withoutCommonFolder(files);
}

function assertPlain(entry: Entry): void {
  const { fileName, compressedSize, uncompressedSize } = entry;
  // Made on Unix, the upper half holds the mode of the file.
  const kind = (entry.externalFileAttributes >>> 16) & 0o170000;
  if (kind !== 0 && kind !== 0o100000)
    throw refused('archive', `holds ${named(fileName)}, a link or device: leave it out`);
  if (entry.isEncrypted())
    throw refused('archive', `holds ${named(fileName)} encrypted: pack it without a password`);
  if (!entry.canDecodeFileData()) {
    throw refused(
      'archive',
      `holds ${named(fileName)} in a compression that is not known: use the ordinary one`,
    );
  }
  if (uncompressedSize > 65_536 && uncompressedSize > compressedSize * maxRatio) {
    throw tooLarge(
      'archive',
      `holds ${named(fileName)}, which grows more than ${maxRatio} times when unpacked`,
    );
  }
}

/** Who packs a folder hands in what is in it. */
function withoutCommonFolder(files: RawFile[]): RawFile[] {
  const folder = /^[^/]+\//.exec(files[0]?.path ?? '')?.[0];
  if (folder === undefined || !files.every(({ path }) => path.startsWith(folder))) return files;
  return files.map(({ path, bytes }) => ({ path: path.slice(folder.length), bytes }));
}

function open(archive: Buffer): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    fromBuffer(archive, { lazyEntries: true, validateEntrySizes: true }, (error, zip) => {
      if (error === null) resolve(zip);
      else reject(unreadable(error));
    });
  });
}

function directoryOf(zip: ZipFile): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    const entries: Entry[] = [];
    zip.on('entry', (entry: Entry) => {
      entries.push(entry);
      zip.readEntry();
    });
    zip.on('end', () => resolve(entries));
    zip.on('error', (error: Error) => reject(unreadable(error)));
    zip.readEntry();
  });
}

async function inflate(zip: ZipFile, entry: Entry): Promise<Buffer> {
  try {
    const stream = await new Promise<Readable>((resolve, reject) => {
      zip.openReadStream(entry, (error, opened) => {
        if (error === null) resolve(opened);
        else reject(error);
      });
    });
    return await buffer(stream);
  } catch (error) {
    throw unreadable(error);
  }
}

function unreadable(error: unknown) {
  const why = error instanceof Error ? error.message.slice(0, 200) : String(error);
  return refused('archive', `cannot be unpacked as a ZIP archive (${why.toWellFormed()}): pack it anew`);
}
