// Stands in for node:fs/promises when product code is bundled for the simulation. Each operation takes effect at one
// event, some time after it was begun, and its promise is settled there, with what the sync form returns or throws.
import { type Data, NEW_FILE_MODE, type WriteOptions } from './arguments.js';
import { constants, flagsOf } from './constants.js';
import { later, operationDelayMs } from './delays.js';
import { FileHandle } from './file-handle.js';
import * as fs from './fs.js';
import type { DirectoryEntry, Stats } from './inode.js';
import { diskOf, openPath } from './registry.js';

export { constants, FileHandle };

async function operate<T>(path: string, operation: () => T): Promise<T> {
  return await later(operationDelayMs(diskOf(path)), operation);
}

export function open(path: string, flags: string | number = 'r', mode = NEW_FILE_MODE): Promise<FileHandle> {
  return operate(path, () => new FileHandle(openPath(path, flagsOf(flags), mode)));
}

export function mkdir(path: string, options?: Parameters<typeof fs.mkdirSync>[1]): Promise<string | undefined> {
  return operate(path, () => fs.mkdirSync(path, options));
}

export function readdir(path: string, options?: null | { readonly withFileTypes?: false }): Promise<string[]>;
export function readdir(path: string, options: { readonly withFileTypes: true }): Promise<DirectoryEntry[]>;
export function readdir(path: string, options?: object | null): Promise<string[] | DirectoryEntry[]> {
  return operate(path, () => fs.readdirSync(path, options as null));
}

export function readFile(path: string, options?: null): Promise<Buffer>;
export function readFile(path: string, options: BufferEncoding | { encoding: BufferEncoding }): Promise<string>;
export function readFile(path: string, options?: unknown): Promise<Buffer | string> {
  return operate(path, () => fs.readFileSync(path, options as null));
}

/** In two steps, as Node does: a process that dies in between leaves an empty file. */
export async function writeFile(path: string, data: Data, options?: WriteOptions): Promise<void> {
  await writeAfterOpening(path, data, options, 'w');
}

/** In two steps, too. */
export async function appendFile(path: string, data: Data, options?: WriteOptions): Promise<void> {
  await writeAfterOpening(path, data, options, 'a');
}

async function writeAfterOpening(
  path: string,
  data: Data,
  options: WriteOptions | undefined,
  defaultFlag: string,
): Promise<void> {
  const { flag = defaultFlag, mode } = typeof options === 'object' && options !== null ? options : {};
  const file = await open(path, flag, mode);
  try {
    await file.writeFile(data, options);
  } finally {
    await file.close();
  }
}

export function stat(path: string): Promise<Stats> {
  return operate(path, () => fs.statSync(path));
}

export function lstat(path: string): Promise<Stats> {
  return operate(path, () => fs.lstatSync(path));
}

export function link(path: string, dest: string): Promise<void> {
  return operate(path, () => fs.linkSync(path, dest));
}

export function rename(path: string, dest: string): Promise<void> {
  return operate(path, () => fs.renameSync(path, dest));
}

export function unlink(path: string): Promise<void> {
  return operate(path, () => fs.unlinkSync(path));
}

export function rmdir(path: string): Promise<void> {
  return operate(path, () => fs.rmdirSync(path));
}

export function rm(path: string, options?: fs.RmOptions): Promise<void> {
  return operate(path, () => fs.rmSync(path, options));
}

export function chmod(path: string, mode: number): Promise<void> {
  return operate(path, () => fs.chmodSync(path, mode));
}

export function utimes(path: string, accessed: number, modified: number): Promise<void> {
  return operate(path, () => fs.utimesSync(path, accessed, modified));
}

export function realpath(path: string): Promise<string> {
  return operate(path, () => fs.realpathSync(path));
}

// biome-ignore lint/style/noDefaultExport: node:fs/promises has one, and libraries in the bundle may import it
export default {
  constants,
  FileHandle,
  open,
  mkdir,
  readdir,
  readFile,
  writeFile,
  appendFile,
  stat,
  lstat,
  link,
  rename,
  unlink,
  rmdir,
  rm,
  chmod,
  utimes,
  realpath,
};
