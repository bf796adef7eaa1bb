// Stands in for node:fs when product code is bundled for the simulation: the functions it uses, on simulated disks.
import { Readable } from 'node:stream';
import { kernel } from '../kernel.js';
import {
  bytesOf,
  type Data,
  type Encoding,
  encodingOf,
  NEW_DIRECTORY_MODE,
  NEW_FILE_MODE,
  placeOf,
  type ReadOptions,
  requireRange,
  toWrite,
  type WriteOptions,
} from './arguments.js';
import { constants, flagsOf } from './constants.js';
import { syncDelayMs } from './delays.js';
import type { Disk } from './disk.js';
import { isDirectoryError, isSystemError, systemError } from './errors.js';
import { DirectoryEntry, type Inode, Stats } from './inode.js';
import { commonDisk, diskOf, fileOf, openPath, register, release } from './registry.js';

export { constants };

export function openSync(path: string, flags: string | number = 'r', mode = NEW_FILE_MODE): number {
  return register(openPath(path, flagsOf(flags), mode));
}

export function closeSync(fd: number): void {
  release(fd);
}

export function readSync(
  fd: number,
  buffer: Uint8Array,
  offset = 0,
  length = buffer.byteLength - offset,
  position: number | null = null,
): number {
  if (length === 0) return 0;
  requireRange(buffer, offset, length);
  return fileOf(fd, 'read').read(buffer, offset, length, placeOf(position));
}

/** (fd, string, position, encoding) or (fd, bytes, offset, length, position). */
export function writeSync(
  fd: number,
  data: Data,
  from?: number | null,
  lengthOrEncoding?: number | string | null,
  position?: number | null,
): number {
  const [bytes, at] = toWrite(data, from, lengthOrEncoding, position);
  return fileOf(fd, 'write').write(bytes, at);
}

export function fstatSync(fd: number): Stats {
  return fileOf(fd, 'fstat').stat();
}

export function ftruncateSync(fd: number, size = 0): void {
  fileOf(fd, 'ftruncate').truncate(size);
}

export function fsyncSync(fd: number): void {
  fileOf(fd, 'fsync').sync();
}

export function fdatasyncSync(fd: number): void {
  fileOf(fd, 'fdatasync').sync();
}

type Callback = (error: NodeJS.ErrnoException | null) => void;

export function fsync(fd: number, callback: Callback): void {
  syncLater(fd, 'fsync', callback);
}

export function fdatasync(fd: number, callback: Callback): void {
  syncLater(fd, 'fdatasync', callback);
}

/** Whether the descriptor is open is seen at the end only, as a thread of Node's pool would. */
function syncLater(fd: number, syscall: string, callback: Callback): void {
  kernel().after(syncDelayMs(diskIfOpen(fd)), () => {
    try {
      fileOf(fd, syscall).sync();
    } catch (error) {
      callback(error as NodeJS.ErrnoException);
      return;
    }
    callback(null);
  });
}

function diskIfOpen(fd: number): Disk | undefined {
  try {
    return fileOf(fd, 'fsync').disk;
  } catch {
    return undefined; // told by the callback
  }
}

interface StatOptions {
  readonly throwIfNoEntry?: boolean;
}

export function statSync(path: string): Stats;
export function statSync(path: string, options: StatOptions): Stats | undefined;
export function statSync(path: string, options: StatOptions = {}): Stats | undefined {
  return statOf(path, 'stat', options);
}

export function lstatSync(path: string): Stats;
export function lstatSync(path: string, options: StatOptions): Stats | undefined;
export function lstatSync(path: string, options: StatOptions = {}): Stats | undefined {
  return statOf(path, 'lstat', options);
}

function statOf(path: string, syscall: string, { throwIfNoEntry = true }: StatOptions): Stats | undefined {
  const inode = findIfThere(path, syscall);
  if (inode === undefined && throwIfNoEntry) throw systemError('ENOENT', { syscall, path });
  return inode === undefined ? undefined : new Stats(inode);
}

function findIfThere(path: string, syscall: string): Inode | undefined {
  const disk = diskOf(path);
  try {
    return disk.find(path, syscall);
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

export function existsSync(path: string): boolean {
  try {
    return findIfThere(path, 'access') !== undefined;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

interface MkdirOptions {
  readonly recursive?: boolean;
  readonly mode?: number;
}

export function mkdirSync(path: string, options: MkdirOptions | number = {}): string | undefined {
  const { recursive = false, mode = NEW_DIRECTORY_MODE } = typeof options === 'number' ? { mode: options } : options;
  if (recursive) return diskOf(path).mkdirAll(path, mode);
  diskOf(path).mkdir(path, mode);
  return undefined;
}

export function readdirSync(path: string, options?: Encoding | { readonly withFileTypes?: false }): string[];
export function readdirSync(path: string, options: { readonly withFileTypes: true }): DirectoryEntry[];
export function readdirSync(
  path: string,
  options?: Encoding | { readonly withFileTypes?: boolean },
): string[] | DirectoryEntry[] {
  const found = diskOf(path).readdir(path);
  const withFileTypes = typeof options === 'object' && options?.withFileTypes === true;
  if (!withFileTypes) return [...found.keys()];
  return Array.from(found, ([name, { kind }]) => new DirectoryEntry(name, path, kind));
}

export function readFileSync(from: string | number, options?: null | { readonly flag?: string }): Buffer;
export function readFileSync(
  from: string | number,
  options: BufferEncoding | { readonly encoding: BufferEncoding; readonly flag?: string },
): string;
export function readFileSync(from: string | number, options?: ReadOptions): Buffer | string {
  const encoding = encodingOf(options);
  const flag = (typeof options === 'object' && options?.flag) || 'r';
  // With an encoding Node does not ask for the size first.
  const file =
    typeof from === 'string'
      ? openPath(from, flagsOf(flag), NEW_FILE_MODE)
      : fileOf(from, encoding === 'utf8' ? 'read' : 'fstat');
  const bytes = file.readToEnd();
  return encoding !== undefined ? bytes.toString(encoding) : bytes;
}

export function writeFileSync(to: string | number, data: Data, options?: WriteOptions): void {
  write(to, data, options, 'w');
}

export function appendFileSync(to: string | number, data: Data, options?: WriteOptions): void {
  write(to, data, options, 'a');
}

function write(to: string | number, data: Data, options: WriteOptions | undefined, defaultFlag: string): void {
  const { flag = defaultFlag, mode = NEW_FILE_MODE } = typeof options === 'object' && options !== null ? options : {};
  const opened = typeof to === 'string' ? openPath(to, flagsOf(flag), mode) : undefined;
  // Nothing to write is not even tried.
  if (data.length > 0) (opened ?? fileOf(to as number, 'write')).writeAll(bytesOf(data, options));
}

export function linkSync(path: string, dest: string): void {
  commonDisk('link', path, dest).link(path, dest);
}

export function renameSync(path: string, dest: string): void {
  commonDisk('rename', path, dest).rename(path, dest);
}

export function unlinkSync(path: string): void {
  diskOf(path).unlink(path);
}

export function rmdirSync(path: string): void {
  diskOf(path).rmdir(path);
}

export interface RmOptions {
  readonly recursive?: boolean;
  readonly force?: boolean;
}

export function rmSync(path: string, { recursive = false, force = false }: RmOptions = {}): void {
  // With both, Node asks nobody before it begins.
  const stats = statOf(path, recursive && force ? 'unlink' : 'lstat', { throwIfNoEntry: !force });
  if (stats === undefined) return;
  if (!stats.isDirectory()) unlinkSync(path);
  else if (recursive) diskOf(path).removeTree(path);
  else throw isDirectoryError(path);
}

export function chmodSync(path: string, mode: number): void {
  diskOf(path).chmod(path, mode);
}

/** There is one user, who may do everything. */
export function chownSync(path: string, _uid: number, _gid: number): void {
  statSync(path);
}

export function fchownSync(fd: number, _uid: number, _gid: number): void {
  fstatSync(fd);
}

/** Of files that are read in one go; nothing here is large. */
export function createReadStream(path: string): Readable {
  return Readable.from(
    (function* () {
      yield readFileSync(path);
    })(),
    { objectMode: false },
  );
}

/** Times are those of the simulated clock; a file that is not there is noticed. */
export function utimesSync(path: string, _accessed: number, _modified: number): void {
  statSync(path);
}

export function accessSync(path: string, _mode?: number): void {
  statSync(path);
}

/** A disk that is never full: what happens when it is, agent/journal and agent/spool are tested for. */
export function statfsSync(path: string): { bsize: number; blocks: number; bavail: number } {
  statSync(path);
  return { bsize: 4096, blocks: 2 ** 24, bavail: 2 ** 23 };
}

/** There are no symbolic links. */
export function realpathSync(path: string): string {
  let real = '';
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue;
    real += `/${name}`;
    // The error tells of the first that is missing. What is above the mounted directory is there.
    if (real.lastIndexOf('/') > 0) lstatSync(real);
  }
  return real;
}

// biome-ignore lint/style/noDefaultExport: node:fs has one, and libraries in the bundle may import it
export default {
  constants,
  openSync,
  closeSync,
  readSync,
  writeSync,
  fstatSync,
  ftruncateSync,
  fsyncSync,
  fdatasyncSync,
  fsync,
  fdatasync,
  statSync,
  lstatSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  appendFileSync,
  linkSync,
  renameSync,
  unlinkSync,
  rmdirSync,
  rmSync,
  chmodSync,
  chownSync,
  fchownSync,
  createReadStream,
  utimesSync,
  accessSync,
  realpathSync,
  statfsSync,
};
