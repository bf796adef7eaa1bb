// Random operations on two file systems at once, a real one and a simulated one, which must not be told apart.
import type { Random } from '../random.js';
import type * as simulated from './fs.js';
import type { Stats } from './inode.js';

export type FileSystem = typeof simulated;

export interface Side {
  readonly fs: FileSystem;
  readonly root: string;
  /** Those at one index were opened by one operation. */
  readonly fds: number[];
}

export interface Operation {
  readonly text: string;
  run(side: Side): unknown;
}

const FLAGS = ['r', 'r+', 'w', 'w', 'wx', 'a', 'a', 'a+', 'w+'];
/** Nobody has so many files open. */
const BAD_FD = 1_000_000;
/** Those of the owner; the others depend on the umask of whoever runs the test. */
const OWNER = 0o700;

export function drawOperation(random: Random, openFiles: number): Operation {
  const draw = random.chance(0.45) && openFiles > 0 ? onDescriptor : onPath;
  return draw(random, openFiles);
}

function onPath(random: Random): Operation {
  const path = drawPath(random);
  const dest = drawPath(random);
  const mode = random.pick([0o600, 0o700]);
  const recursive = random.chance(0.5);
  const force = random.chance(0.5);
  const flags = random.pick(FLAGS);
  const data = drawData(random);
  const throwIfNoEntry = random.chance(0.5);
  const operations: Operation[] = [
    named(`open ${path} ${flags}`, (s) => void s.fds.push(s.fs.openSync(s.root + path, flags, mode))),
    named(`open ${path} ${flags} again`, (s) => void s.fds.push(s.fs.openSync(s.root + path, flags, mode))),
    named(`open ${path} O_RDWR|O_CREAT`, ({ fs, root, fds }) => {
      fds.push(fs.openSync(root + path, fs.constants.O_RDWR | fs.constants.O_CREAT, mode));
    }),
    named(`open ${path} O_TRUNC`, ({ fs, root, fds }) => void fds.push(fs.openSync(root + path, fs.constants.O_TRUNC))),
    named(`open ${path} O_DIRECTORY`, ({ fs, root, fds }) => {
      fds.push(fs.openSync(root + path, fs.constants.O_DIRECTORY));
    }),
    named(`mkdir ${path} ${recursive}`, ({ fs, root }) => fs.mkdirSync(root + path, { recursive, mode: 0o700 })),
    named(`mkdir ${path}`, ({ fs, root }) => fs.mkdirSync(root + path)),
    named(`readdir ${path}`, ({ fs, root }) => fs.readdirSync(root + path).sort()),
    named(`readdir ${path} types`, ({ fs, root }) => {
      const entries = fs.readdirSync(root + path, { withFileTypes: true });
      return entries.map((each) => [each.name, each.isFile(), each.isDirectory(), each.parentPath]).sort();
    }),
    named(`writeFile ${path} ${flags}`, ({ fs, root }) => fs.writeFileSync(root + path, data, { mode, flag: flags })),
    named(`writeFile ${path}`, ({ fs, root }) => fs.writeFileSync(root + path, data)),
    named(`appendFile ${path}`, ({ fs, root }) => fs.appendFileSync(root + path, data, { mode })),
    named(`readFile ${path}`, ({ fs, root }) => fs.readFileSync(root + path)),
    named(`readFile ${path} utf8`, ({ fs, root }) => fs.readFileSync(root + path, 'utf8')),
    named(`link ${path} ${dest}`, ({ fs, root }) => fs.linkSync(root + path, root + dest)),
    named(`link ${path} ${dest} again`, ({ fs, root }) => fs.linkSync(root + path, root + dest)),
    named(`rename ${path} ${dest}`, ({ fs, root }) => fs.renameSync(root + path, root + dest)),
    named(`rename ${path} ${dest} again`, ({ fs, root }) => fs.renameSync(root + path, root + dest)),
    named(`unlink ${path}`, ({ fs, root }) => fs.unlinkSync(root + path)),
    named(`rmdir ${path}`, ({ fs, root }) => fs.rmdirSync(root + path)),
    named(`rm ${path} ${recursive} ${force}`, ({ fs, root }) => fs.rmSync(root + path, { recursive, force })),
    named(`chmod ${path}`, ({ fs, root }) => fs.chmodSync(root + path, mode)),
    named(`realpath ${path}`, ({ fs, root }) => fs.realpathSync(root + path)),
    named(`exists ${path}`, ({ fs, root }) => fs.existsSync(root + path)),
    named(`stat ${path} ${throwIfNoEntry}`, ({ fs, root }) => fs.statSync(root + path, { throwIfNoEntry })),
    named(`lstat ${path}`, ({ fs, root }) => fs.lstatSync(root + path)),
  ];
  return random.pick(operations);
}

function onDescriptor(random: Random, openFiles: number): Operation {
  const index = random.chance(0.05) ? -1 : random.integer(0, openFiles - 1);
  const data = drawData(random);
  const position = random.chance(0.5) ? random.integer(0, 60) : null;
  const length = random.integer(0, 30);
  const offset = random.integer(0, 4);
  const on = (text: string, run: (fs: FileSystem, fd: number) => unknown): Operation =>
    named(`${text} #${index}`, ({ fs, fds }) => run(fs, fds[index] ?? BAD_FD));
  const operations: Operation[] = [
    on(`read ${length} at ${position}`, (fs, fd) => {
      const buffer = Buffer.alloc(40);
      return [fs.readSync(fd, buffer, offset, length, position), buffer];
    }),
    on(`write "${data}" at ${position}`, (fs, fd) => fs.writeSync(fd, data, position)),
    on(`write bytes "${data}" at ${position}`, (fs, fd) => {
      const bytes = Buffer.from(data);
      return fs.writeSync(fd, bytes, 0, bytes.length, position);
    }),
    on(`write beyond ${length}`, (fs, fd) => fs.writeSync(fd, Buffer.alloc(8), offset, length, position)),
    on(`ftruncate ${length}`, (fs, fd) => fs.ftruncateSync(fd, length)),
    on('ftruncate', (fs, fd) => fs.ftruncateSync(fd)),
    on('fstat', (fs, fd) => fs.fstatSync(fd)),
    on('fsync', (fs, fd) => fs.fsyncSync(fd)),
    on('fdatasync', (fs, fd) => fs.fdatasyncSync(fd)),
    on('appendFile', (fs, fd) => fs.appendFileSync(fd, data)),
    on('writeFile', (fs, fd) => fs.writeFileSync(fd, data)),
    on('readFile', (fs, fd) => fs.readFileSync(fd)),
    on('readFile utf8', (fs, fd) => fs.readFileSync(fd, 'utf8')),
    named(`close #${index}`, ({ fs, fds }) => {
      const [fd = BAD_FD] = index === -1 ? [] : fds.splice(index, 1);
      fs.closeSync(fd);
    }),
  ];
  return random.pick(operations);
}

function named(text: string, run: (side: Side) => unknown): Operation {
  return { text, run };
}

function drawPath(random: Random): string {
  const depth = random.pick([1, 1, 1, 2, 2, 3]);
  return Array.from({ length: depth }, () => `/${random.pick(['a', 'b', 'c'])}`).join('');
}

function drawData(random: Random): string {
  const letter = random.pick(['x', 'y', 'z', 'é']);
  return letter.repeat(random.chance(0.05) ? 5000 : random.integer(0, 20));
}

/** What an operation returned or threw, in a form that can be compared. */
export function outcomeOf(operation: Operation, side: Side): unknown {
  try {
    return plain(operation.run(side), side);
  } catch (error) {
    const { code, errno, syscall, path, dest, message } = error as NodeJS.ErrnoException & { dest?: string };
    // Node's sentences about arguments are its own.
    const sentence = code?.startsWith('ERR_OUT') ? undefined : message;
    return plain(JSON.stringify({ code, errno, syscall, path, dest, sentence }), side);
  }
}

function plain(value: unknown, side: Side): unknown {
  if (typeof value === 'string') return value.replaceAll(side.root, '');
  if (Buffer.isBuffer(value)) return value.toString('latin1');
  if (Array.isArray(value)) return value.map((each) => plain(each, side));
  if (typeof value === 'object' && value !== null) return plainStats(value as Stats);
  return value;
}

function plainStats(stats: Stats): unknown {
  const mode = stats.mode & OWNER;
  return stats.isFile() ? { mode, size: stats.size, links: stats.nlink } : { mode, directory: stats.isDirectory() };
}

/** All there is below the root; names of one file are told by the first. */
export function treeOf({ fs, root }: Side): unknown {
  const firstNames = new Map<number, string>();
  const visit = (path: string): unknown => {
    const stats = fs.lstatSync(root + path);
    if (stats.isDirectory()) {
      const names = fs.readdirSync(root + path).sort();
      return { mode: stats.mode & OWNER, names: names.map((name) => [name, visit(`${path}/${name}`)]) };
    }
    const sameAs = firstNames.get(stats.ino);
    firstNames.set(stats.ino, sameAs ?? path);
    return { ...(plainStats(stats) as object), sameAs, content: fs.readFileSync(root + path, 'latin1') };
  };
  return visit('');
}
