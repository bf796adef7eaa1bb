// zip, read by the library `yauzl`: first all that the directory says and the headers repeat, then, if nothing is wrong with
// that, the content.
import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { isCloudTaskError, messageOf } from '../../base/index.js';
import { type ArchiveLimits, refusedArchive, refusedEntry } from './archive-limits.js';
import type { TreeWriter } from './tree-writer.js';

const STORED = 0;
const DEFLATED = 8;
/** Info-ZIP Unicode Path: a second name, which some programs take and others do not. */
const UNICODE_PATH = 0x7075;
/** Makers whose file attributes have the Unix mode in their upper half. */
const UNIX_MAKERS: ReadonlySet<number> = new Set([3, 19]);
const TYPE_MASK = 0o170000;
const TYPE_FILE = 0o100000;
const TYPE_DIRECTORY = 0o040000;
const TYPE_LINK = 0o120000;
const DEFAULT_MODE = 0o644;

interface ZipEntry {
  readonly entry: Entry;
  readonly name: string;
  readonly mode: number;
  readonly isDirectory: boolean;
}

/** Throws CT_PACKAGE_INVALID. */
export async function unpackZip(archive: string, writer: TreeWriter, limits: ArchiveLimits): Promise<void> {
  const zip = await damaged(() => openPromise(archive, { autoClose: false, lazyEntries: true, decodeStrings: false }));
  try {
    const entries = await damaged(() => readEntries(zip, limits));
    await checkPlaces(zip, entries);
    for (const each of entries) {
      if (each.isDirectory) await writer.directory(each.name);
      else await writeFile(zip, each, writer);
    }
  } finally {
    zip.close();
  }
}

async function readEntries(zip: ZipFile, limits: ArchiveLimits): Promise<ZipEntry[]> {
  const tooMany = () => refusedArchive(`an archive may not have more than ${limits.entries} files and directories`);
  if (zip.entryCount > limits.entries) throw tooMany();
  const entries: ZipEntry[] = [];
  let total = 0;
  for await (const entry of zip.eachEntry()) {
    if (entries.length >= limits.entries) throw tooMany();
    const taken = take(entry);
    // Believed only as far as it refuses; what really comes is counted when it does.
    if (entry.uncompressedSize > limits.fileBytes) {
      throw refusedEntry(taken.name, `a file may not have more than ${limits.fileBytes} bytes`);
    }
    total += entry.uncompressedSize;
    if (total > limits.totalBytes) {
      throw refusedEntry(taken.name, `with it the files have more than ${limits.totalBytes} bytes together`);
    }
    entries.push(taken);
  }
  return entries;
}

function take(entry: Entry): ZipEntry {
  const name = decodeName(entry.fileNameRaw);
  for (const { id, data } of entry.extraFields) {
    // Version (1 byte) and CRC (4 bytes), then the name.
    if (id === UNICODE_PATH && decodeName(data.subarray(5)) !== name) throw refusedEntry(name, 'has two names');
  }
  if (entry.isEncrypted()) throw refusedEntry(name, 'encrypted entries are not allowed');
  if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED) {
    throw refusedEntry(name, `compression method ${entry.compressionMethod} is not supported`);
  }
  const isUnix = UNIX_MAKERS.has(entry.versionMadeBy >>> 8);
  const attributes = isUnix ? entry.externalFileAttributes >>> 16 : 0;
  const type = attributes & TYPE_MASK;
  const isDirectory = name.endsWith('/');
  if (type === TYPE_LINK) throw refusedEntry(name, 'symbolic links are not allowed');
  if (type !== 0 && type !== TYPE_FILE && type !== TYPE_DIRECTORY) {
    throw refusedEntry(name, 'only regular files and directories are allowed');
  }
  if (type === (isDirectory ? TYPE_FILE : TYPE_DIRECTORY)) {
    throw refusedEntry(name, 'is a file by its name and a directory by its attributes, or the other way round');
  }
  if (isDirectory && entry.uncompressedSize > 0) throw refusedEntry(name, 'a directory may not have content');
  return { entry, name, isDirectory, mode: attributes === 0 ? DEFAULT_MODE : attributes & 0o7777 };
}

/** Where an archive says UTF-8 or ASCII there is nothing to guess; old code pages are not guessed at. */
function decodeName(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refusedEntry(bytes.toString('latin1'), 'a name must be UTF-8');
  }
}

/** Each entry has bytes of its own in the archive, and the header in front of them gives it the same name. */
async function checkPlaces(zip: ZipFile, entries: readonly ZipEntry[]): Promise<void> {
  const sorted = [...entries].sort((a, b) => startOf(a) - startOf(b));
  let end = 0;
  let before = '';
  for (const each of sorted) {
    const { entry, name } = each;
    if (startOf(each) < end) throw refusedEntry(name, `shares bytes of the archive with ${JSON.stringify(before)}`);
    const local = await damaged(() => zip.readLocalFileHeaderPromise(entry));
    if (!local.fileName.equals(entry.fileNameRaw)) throw refusedEntry(name, 'has two names');
    end = local.fileDataStart + entry.compressedSize;
    before = name;
  }
}

const startOf = ({ entry }: ZipEntry): number => entry.relativeOffsetOfLocalHeader;

async function writeFile(zip: ZipFile, { entry, name, mode }: ZipEntry, writer: TreeWriter): Promise<void> {
  await writer.beginFile(name, mode);
  let crc = 0;
  const content = await damaged(() => zip.openReadStreamPromise(entry));
  for await (const data of readable(content, name)) {
    crc = crc32(data, crc);
    await writer.write(data);
  }
  if (crc !== entry.crc32) throw refusedEntry(name, 'its checksum is wrong');
  await writer.endFile();
}

/** The library compares sizes as it reads; it throws plain errors. */
async function* readable(content: AsyncIterable<unknown>, name: string): AsyncGenerator<Buffer> {
  try {
    for await (const data of content) yield data as Buffer;
  } catch (error) {
    throw refusedEntry(name, `cannot be unpacked: ${messageOf(error)}`);
  }
}

async function damaged<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (isCloudTaskError(error) || typeof (error as NodeJS.ErrnoException).syscall === 'string') throw error;
    throw refusedArchive(`the archive is damaged: ${messageOf(error)}`, error);
  }
}
