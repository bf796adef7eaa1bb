import { constants } from './constants.js';
import { BLOCK_BYTES, type Content } from './content.js';

interface Common {
  readonly number: number;
  /** Permissions only. */
  mode: number;
  /** Wall clock of the machine, ms since the Unix epoch. */
  changedAt: number;
  readonly madeAt: number;
}

export interface File extends Common {
  readonly kind: 'file';
  /** How many names it has. Without any it lives on in the files that are open. */
  links: number;
  readonly content: Content;
}

export interface Directory extends Common {
  readonly kind: 'directory';
  readonly names: Map<string, Inode>;
  /** undefined for the root. */
  parent: Directory | undefined;
}

export type Inode = File | Directory;

/** `blocks` of stat(2) counts in these. */
const STAT_BLOCK_BYTES = 512;
/** All is of the user that simulates. */
const UID = process.getuid?.() ?? 0;
const GID = process.getgid?.() ?? 0;

/** What node:fs calls Stats. */
export class Stats {
  readonly dev = 1;
  readonly uid = UID;
  readonly gid = GID;
  readonly blksize = BLOCK_BYTES;
  readonly ino: number;
  readonly mode: number;
  readonly nlink: number;
  readonly size: number;
  readonly blocks: number;
  readonly atimeMs: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly birthtimeMs: number;

  constructor(inode: Inode) {
    const isFile = inode.kind === 'file';
    this.ino = inode.number;
    this.mode = inode.mode | (isFile ? constants.S_IFREG : constants.S_IFDIR);
    this.nlink = isFile ? inode.links : 2;
    this.size = isFile ? inode.content.size : BLOCK_BYTES;
    this.blocks = (isFile ? inode.content.allocatedBlocks : 1) * (BLOCK_BYTES / STAT_BLOCK_BYTES);
    this.atimeMs = inode.changedAt;
    this.mtimeMs = inode.changedAt;
    this.ctimeMs = inode.changedAt;
    this.birthtimeMs = inode.madeAt;
  }

  get mtime(): Date {
    return new Date(this.mtimeMs);
  }

  isFile(): boolean {
    return (this.mode & constants.S_IFMT) === constants.S_IFREG;
  }

  isDirectory(): boolean {
    return (this.mode & constants.S_IFMT) === constants.S_IFDIR;
  }

  isSymbolicLink(): boolean {
    return false;
  }

  isSocket(): boolean {
    return false;
  }
}

/** What node:fs calls Dirent. */
export class DirectoryEntry {
  readonly name: string;
  readonly parentPath: string;
  private readonly kind: Inode['kind'];

  constructor(name: string, parentPath: string, kind: Inode['kind']) {
    this.name = name;
    this.parentPath = parentPath;
    this.kind = kind;
  }

  isFile(): boolean {
    return this.kind === 'file';
  }

  isDirectory(): boolean {
    return this.kind === 'directory';
  }

  isSymbolicLink(): boolean {
    return false;
  }
}
