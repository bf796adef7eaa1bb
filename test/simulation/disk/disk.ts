import { kernel } from '../kernel.js';
import type { Random } from '../random.js';
import { constants } from './constants.js';
import { Content } from './content.js';
import { type Call, type ErrorCode, systemError } from './errors.js';
import type { Directory, File, Inode } from './inode.js';
import { OpenFile } from './open-file.js';

const UMASK = 0o022;
const PERMISSIONS = 0o7777;
/** Share of the files that were never synced and do not outlive a power cut. */
const GONE = 0.25;

/** Where a path leads to: a name in a directory, and what has this name. */
interface Place {
  readonly parent: Directory;
  /** '' for the root. */
  readonly name: string;
  readonly inode: Inode | undefined;
}

/**
 * The file system of one simulated machine. It behaves like one of Linux for a process that may do everything: same
 * results, same errors. There are no symbolic links and no "..", and a slash at the end of a path means nothing.
 *
 * Names are durable at once; content is once it is synced, see `powerCut`.
 */
export class Disk {
  /** Blocks and inodes are used up: nothing is created, and a file grows within the blocks it has only, as on a real disk.
   * Product code counts on that for the end of an attempt, which it writes into the block of the marker. */
  full = false;
  /** Draws how long operations take. */
  readonly random: Random;
  /** Wall clock of the machine, ms since the Unix epoch. */
  readonly now: () => number;
  /** How many there were. */
  powerCuts = 0;
  private inodes = 0;
  private readonly root: Directory;

  constructor(random: Random, now: () => number = () => kernel().now) {
    this.random = random;
    this.now = now;
    this.root = this.makeDirectory(undefined, 0o755);
  }

  open(path: string, flags: number, mode: number): OpenFile {
    const call = { syscall: 'open', path };
    const place = this.place(path, call);
    const { inode } = place;
    const has = (flag: number) => (flags & flag) !== 0;
    if (inode === undefined) {
      if (!has(constants.O_CREAT)) throw systemError('ENOENT', call);
      return new OpenFile(this, this.create(place, mode, call), flags);
    }
    if (has(constants.O_CREAT) && has(constants.O_EXCL)) throw systemError('EEXIST', call);
    const changes =
      has(constants.O_WRONLY) || has(constants.O_RDWR) || has(constants.O_CREAT) || has(constants.O_TRUNC);
    if (inode.kind === 'directory' && changes) throw systemError('EISDIR', call);
    if (inode.kind === 'file' && has(constants.O_DIRECTORY)) throw systemError('ENOTDIR', call);
    const file = new OpenFile(this, inode, flags);
    if (inode.kind === 'file' && has(constants.O_TRUNC)) {
      inode.content.truncate(0);
      inode.changedAt = this.now();
    }
    return file;
  }

  mkdir(path: string, mode: number): void {
    const call = { syscall: 'mkdir', path };
    const { parent, name, inode } = this.place(path, call);
    if (inode !== undefined) throw systemError('EEXIST', call);
    if (this.full) throw systemError('ENOSPC', call);
    parent.names.set(name, this.makeDirectory(parent, mode));
    parent.changedAt = this.now();
  }

  /** Returns the path of the first directory that was made. */
  mkdirAll(path: string, mode: number): string | undefined {
    const call = { syscall: 'mkdir', path };
    let parent = this.root;
    let made: string | undefined;
    let at = '';
    const names = namesOf(path);
    for (const [index, name] of names.entries()) {
      at += `/${name}`;
      let inode = parent.names.get(name);
      if (inode?.kind === 'file') throw systemError(index === names.length - 1 ? 'EEXIST' : 'ENOTDIR', call);
      if (inode === undefined) {
        if (this.full) throw systemError('ENOSPC', call);
        inode = this.makeDirectory(parent, mode);
        parent.names.set(name, inode);
        parent.changedAt = this.now();
        made ??= at;
      }
      parent = inode;
    }
    return made;
  }

  /** Names and what has them, in the order in which they came. */
  readdir(path: string): Map<string, Inode> {
    const call = { syscall: 'scandir', path };
    const inode = this.existing(path, call);
    if (inode.kind === 'file') throw systemError('ENOTDIR', call);
    return inode.names;
  }

  /** undefined when the directory it would be in has no such name. Throws ENOENT when there is no such directory. */
  find(path: string, syscall: string): Inode | undefined {
    return this.place(path, { syscall, path }).inode;
  }

  link(path: string, dest: string): void {
    const call = { syscall: 'link', path, dest };
    const inode = this.existing(path, call);
    const to = this.place(dest, call);
    if (to.inode !== undefined) throw systemError('EEXIST', call);
    if (inode.kind === 'directory') throw systemError('EPERM', call);
    inode.links += 1;
    to.parent.names.set(to.name, inode);
  }

  rename(path: string, dest: string): void {
    const call = { syscall: 'rename', path, dest };
    const from = this.place(path, call);
    const to = this.place(dest, call);
    const { inode } = from;
    if (inode === undefined) throw systemError('ENOENT', call);
    const refused = refusalOfRename(from, inode, to);
    if (refused !== undefined) throw systemError(refused, call);
    // Two names of one file: rename(2) does nothing then.
    if (inode === to.inode) return;
    if (to.inode?.kind === 'file') to.inode.links -= 1;
    from.parent.names.delete(from.name);
    to.parent.names.set(to.name, inode);
    if (inode.kind === 'directory') inode.parent = to.parent;
    from.parent.changedAt = this.now();
    to.parent.changedAt = this.now();
  }

  unlink(path: string): void {
    const call = { syscall: 'unlink', path };
    const { parent, name, inode } = this.place(path, call);
    if (inode === undefined) throw systemError('ENOENT', call);
    if (inode.kind === 'directory') throw systemError('EISDIR', call);
    inode.links -= 1;
    parent.names.delete(name);
    parent.changedAt = this.now();
  }

  rmdir(path: string): void {
    const call = { syscall: 'rmdir', path };
    const { parent, name, inode } = this.place(path, call);
    if (inode === undefined) throw systemError('ENOENT', call);
    if (inode.kind === 'file') throw systemError('ENOTDIR', call);
    if (inode.names.size > 0) throw systemError('ENOTEMPTY', call);
    parent.names.delete(name);
    parent.changedAt = this.now();
  }

  /** A directory with all that is in it. */
  removeTree(path: string): void {
    const { parent, name, inode } = this.place(path, { syscall: 'rm', path });
    if (inode === undefined) return;
    dropLinks(inode);
    parent.names.delete(name);
    parent.changedAt = this.now();
  }

  chmod(path: string, mode: number): void {
    this.existing(path, { syscall: 'chmod', path }).mode = mode & PERMISSIONS;
  }

  /**
   * What the machine finds when it has power again. Directories and names are as they were. A file has what was synced
   * and none, all or a part of what was appended since; one that was never synced may be gone, too. What was
   * open is closed.
   */
  powerCut(random: Random): void {
    this.powerCuts += 1;
    this.cutBelow(this.root, random);
  }

  private cutBelow(directory: Directory, random: Random): void {
    for (const [name, inode] of directory.names) {
      if (inode.kind === 'directory') {
        this.cutBelow(inode, random);
        continue;
      }
      // A further name finds the file as the first left it: without links, or with all that it has on the disk.
      if (inode.links > 0 && !inode.content.everSynced && random.chance(GONE)) inode.links = 0;
      if (inode.links > 0) inode.content.powerCut(random);
      else directory.names.delete(name);
    }
  }

  private create({ parent, name }: Place, mode: number, call: Call): File {
    if (this.full) throw systemError('ENOSPC', call);
    const now = this.now();
    const number = ++this.inodes;
    const times = { changedAt: now, madeAt: now };
    const file: File = { kind: 'file', number, mode: masked(mode), ...times, links: 1, content: new Content() };
    parent.names.set(name, file);
    parent.changedAt = now;
    return file;
  }

  private makeDirectory(parent: Directory | undefined, mode: number): Directory {
    const now = this.now();
    const number = ++this.inodes;
    const times = { changedAt: now, madeAt: now };
    return { kind: 'directory', number, mode: masked(mode), ...times, names: new Map(), parent };
  }

  private existing(path: string, call: Call): Inode {
    const { inode } = this.place(path, call);
    if (inode === undefined) throw systemError('ENOENT', call);
    return inode;
  }

  private place(path: string, call: Call): Place {
    const names = namesOf(path);
    const name = names.pop();
    let parent = this.root;
    if (name === undefined) return { parent, name: '', inode: parent };
    for (const each of names) {
      const next = parent.names.get(each);
      if (next === undefined) throw systemError('ENOENT', call);
      if (next.kind === 'file') throw systemError('ENOTDIR', call);
      parent = next;
    }
    return { parent, name, inode: parent.names.get(name) };
  }
}

function namesOf(path: string): string[] {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  if (!path.startsWith('/') || names.includes('..')) throw new Error(`the simulated disk knows no path "${path}"`);
  return names;
}

/** In the order in which Linux looks. */
function refusalOfRename(from: Place, inode: Inode, to: Place): ErrorCode | undefined {
  if (contains(inode, to.parent)) return 'EINVAL';
  if (to.inode === undefined) return undefined;
  if (contains(to.inode, from.parent)) return 'ENOTEMPTY';
  if (inode === to.inode) return undefined;
  if (inode.kind === 'file') return to.inode.kind === 'directory' ? 'EISDIR' : undefined;
  if (to.inode.kind === 'file') return 'ENOTDIR';
  return to.inode.names.size > 0 ? 'ENOTEMPTY' : undefined;
}

/** Whether `inode` is the directory or one above it. */
function contains(inode: Inode, directory: Directory): boolean {
  for (let at: Directory | undefined = directory; at !== undefined; at = at.parent) if (at === inode) return true;
  return false;
}

function dropLinks(inode: Inode): void {
  if (inode.kind === 'file') inode.links -= 1;
  else for (const each of inode.names.values()) dropLinks(each);
}

function masked(mode: number): number {
  return mode & PERMISSIONS & ~UMASK;
}
