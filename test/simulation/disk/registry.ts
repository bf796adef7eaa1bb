import type { Disk } from './disk.js';
import { systemError } from './errors.js';
import type { OpenFile } from './open-file.js';

/** By "/sim/<machine>". */
const disks = new Map<string, Disk>();
const openFiles = new Map<number, OpenFile>();
/** Far from the real ones, and never used twice: whoever uses one that is closed is told so. */
const FIRST_FD = 1000;
let nextFd = FIRST_FD;

/** All paths that begin with `prefix`, "/sim/<machine>", are on this disk from now on. Makes the directory. */
export function mountDisk(prefix: string, disk: Disk): void {
  if (!/^\/[^/]+\/[^/]+$/.test(prefix)) throw new Error(`"${prefix}" must be of the form /sim/<machine>`);
  disks.set(prefix, disk);
  disk.mkdirAll(prefix, 0o755);
}

/** Throws an error that is none of a system call, so that nobody takes it for a missing file: a simulation reaches no
 * real file. */
export function diskOf(path: string): Disk {
  const end = path.indexOf('/', path.indexOf('/', 1) + 1);
  const disk = disks.get(end === -1 ? path : path.slice(0, end));
  if (disk === undefined) throw new Error(`no simulated disk holds "${path}"`);
  return disk;
}

/** The disk of both. Throws EXDEV when there are two. */
export function commonDisk(syscall: string, path: string, dest: string): Disk {
  const disk = diskOf(path);
  if (diskOf(dest) !== disk) throw systemError('EXDEV', { syscall, path, dest });
  return disk;
}

export function openPath(path: string, flags: number, mode: number): OpenFile {
  return diskOf(path).open(path, flags, mode);
}

export function unmountAll(): void {
  disks.clear();
  openFiles.clear();
  nextFd = FIRST_FD;
}

export function register(file: OpenFile): number {
  openFiles.set(nextFd, file);
  return nextFd++;
}

/** Throws EBADF. */
export function fileOf(fd: number, syscall: string): OpenFile {
  const file = openFiles.get(fd);
  if (file === undefined || file.isLost) throw systemError('EBADF', { syscall });
  return file;
}

/** Throws EBADF. */
export function release(fd: number): void {
  fileOf(fd, 'close');
  openFiles.delete(fd);
}
