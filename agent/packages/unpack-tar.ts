// tar.gz, by the parser of the library `tar`; which entries are taken and where they go is decided here. The parser is fed
// with small pieces and works them off at once, so that what waits in memory is bounded by a piece.
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { messageOf } from '../../base/index.js';
import { type ArchiveLimits, refusedArchive, refusedEntry } from './archive-limits.js';
import { extensionProblem } from './tar-extensions.js';
import type { TreeWriter } from './tree-writer.js';

const PIECE_BYTES = 64 * 1024;
/** Names and attributes of one entry that do not fit its header. */
const EXTENSION_MAX_BYTES = 64 * 1024;
/** Headers, extensions and padding of all entries together: three times what 10,000 ordinary entries need. */
const OVERHEAD_MAX_BYTES = 64 * 1024 * 1024;
/** Zeros behind the end of the archive: tar fills up a record, which is 10 KiB unless somebody asked for more. */
const TAIL_MAX_BYTES = 1024 * 1024;

const ZEROS = Buffer.alloc(512);

/** What is to be done on disk, in the order of the archive. */
type Step =
  | { readonly kind: 'directory'; readonly name: string }
  | { readonly kind: 'file'; readonly name: string; readonly mode: number }
  | { readonly kind: 'data'; readonly data: Uint8Array }
  | { readonly kind: 'end' };

/** Throws CT_PACKAGE_INVALID. */
export async function unpackTar(archive: string, writer: TreeWriter, limits: ArchiveLimits): Promise<void> {
  const reader = new TarReader(limits);
  const input = createReadStream(archive);
  const plain = createGunzip({ chunkSize: PIECE_BYTES });
  // pipe() does not hand errors on; the loop below has to see them.
  input.on('error', (error) => plain.destroy(error));
  input.pipe(plain);
  try {
    for await (const piece of plain) await follow(reader.read(piece as Buffer), writer);
    await follow(reader.end(), writer);
  } catch (error) {
    throw isZlibError(error) ? refusedArchive(`the archive is damaged: ${messageOf(error)}`, error) : error;
  } finally {
    input.destroy();
    plain.destroy();
  }
}

async function follow(steps: readonly Step[], writer: TreeWriter): Promise<void> {
  for (const step of steps) {
    if (step.kind === 'directory') await writer.directory(step.name);
    else if (step.kind === 'file') await writer.beginFile(step.name, step.mode);
    else if (step.kind === 'data') await writer.write(step.data);
    else await writer.endFile();
  }
}

class TarReader {
  private readonly limits: ArchiveLimits;
  private readonly parser = new Parser({ strict: true, maxMetaEntrySize: EXTENSION_MAX_BYTES });
  private steps: Step[] = [];
  private refusal: unknown;
  private started = false;
  private extensions = 0;
  private bytes = 0;
  private tail: number | undefined;
  /** The end of the last piece, when a character goes on in the next one. */
  private rest: Buffer = Buffer.alloc(0);

  constructor(limits: ArchiveLimits) {
    this.limits = limits;
    this.parser.on('entry', (entry: ReadEntry) => this.entry(entry));
    // Types that the parser does not know, and extensions that are too long for it.
    this.parser.on('ignoredEntry', (entry: ReadEntry) => this.refuse(refusedEntry(entry.path, ruleOfIgnored(entry))));
    this.parser.on('meta', (text: string) => this.extension(text));
    this.parser.on('eof', () => {
      this.tail = 0;
    });
    this.parser.on('error', (error: unknown) => {
      this.refuse(refusedArchive(`the archive is damaged: ${messageOf(error)}`, error));
    });
  }

  read(piece: Buffer): readonly Step[] {
    this.bytes += piece.length;
    if (this.bytes > this.limits.totalBytes + OVERHEAD_MAX_BYTES) {
      throw refusedArchive('the archive has more headers and padding than its entries need');
    }
    if (this.tail !== undefined) this.behindTheEnd(piece);
    else this.feed(piece);
    return this.taken();
  }

  end(): readonly Step[] {
    if (this.tail === undefined) {
      if (this.rest.length > 0) this.parser.write(this.rest);
      this.parser.end();
    }
    return this.taken();
  }

  private taken(): readonly Step[] {
    if (this.refusal !== undefined) throw this.refusal;
    const { steps } = this;
    this.steps = [];
    return steps;
  }

  private feed(piece: Buffer): void {
    const all = this.rest.length === 0 ? piece : Buffer.concat([this.rest, piece]);
    if (!this.started && all.length >= 2) {
      // The parser would unpack it once more, past every limit.
      if (looksCompressed(all)) throw refusedArchive('there is no tar archive in it');
      this.started = true;
    }
    // The parser decodes the text of extensions piece by piece: no character may be cut in two.
    const cut = endOfCharacters(all);
    this.rest = Buffer.from(all.subarray(cut));
    this.parse(all.subarray(0, cut));
  }

  /** What follows the end in the same piece the parser would drop unseen; so it gets each run of zeros, which may be the end,
   * as the last thing it knows. */
  private parse(piece: Buffer): void {
    for (let from = 0; from < piece.length; ) {
      // The end may have begun in the piece before.
      const run = from === 0 && piece[0] === 0 ? 0 : piece.indexOf(ZEROS, from);
      let to = run === -1 ? piece.length : run;
      while (to < piece.length && piece[to] === 0) to += 1;
      this.parser.write(piece.subarray(from, to));
      if (this.tail !== undefined) {
        this.behindTheEnd(Buffer.concat([piece.subarray(to), this.rest]));
        return;
      }
      from = to;
    }
  }

  /** Two blocks of zeros end an archive. What other programs would find behind them is not looked at here, so it may not be. */
  private behindTheEnd(piece: Buffer): void {
    this.tail = (this.tail ?? 0) + piece.length;
    if (piece.some((byte) => byte !== 0)) throw refusedArchive('there is something behind the end of the archive');
    if (this.tail > TAIL_MAX_BYTES) throw refusedArchive('there are too many zeros behind the end of the archive');
  }

  private entry(entry: ReadEntry): void {
    const { path, mode = 0o644 } = entry;
    const isFile = entry.type === 'File' || entry.type === 'OldFile' || entry.type === 'ContiguousFile';
    if (this.tail !== undefined) this.refuse(refusedArchive('there is something behind the end of the archive'));
    else if (isFile) {
      if (entry.size > this.limits.fileBytes) {
        this.refuse(refusedEntry(path, `a file may not have more than ${this.limits.fileBytes} bytes`));
      }
      this.steps.push({ kind: 'file', name: path, mode });
    } else if (entry.type === 'Directory') {
      this.steps.push({ kind: 'directory', name: path });
    } else this.refuse(refusedEntry(path, ruleOfType(entry.type)));
    entry.on('data', (data) => {
      if (isFile) this.steps.push({ kind: 'data', data });
    });
    entry.on('end', () => {
      if (isFile) this.steps.push({ kind: 'end' });
    });
  }

  private extension(text: string): void {
    this.extensions += 1;
    // A long name and a long header per entry, and some for all.
    if (this.extensions > 2 * this.limits.entries + 10)
      this.refuse(refusedArchive('there are too many extended headers'));
    const problem = extensionProblem(text);
    if (problem !== undefined) this.refuse(refusedArchive(problem));
  }

  private refuse(error: unknown): void {
    this.refusal ??= error;
  }
}

function ruleOfType(type: string): string {
  if (type === 'SymbolicLink') return 'symbolic links are not allowed';
  if (type === 'Link') return 'hard links are not allowed';
  if (type === 'CharacterDevice' || type === 'BlockDevice') return 'devices are not allowed';
  if (type === 'FIFO') return 'named pipes are not allowed';
  return 'only regular files and directories are allowed';
}

function ruleOfIgnored(entry: ReadEntry): string {
  if (entry.meta) return `an extended header may not have more than ${EXTENSION_MAX_BYTES} bytes`;
  return ruleOfType(entry.type ?? 'Unsupported');
}

function looksCompressed(start: Buffer): boolean {
  return (start[0] === 0x1f && start[1] === 0x8b) || (start[0] === 0x28 && start[1] === 0xb5);
}

/** Where the last character that is whole ends; of what is no text at all, the end. */
function endOfCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(4, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}

function isZlibError(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' && code.startsWith('Z_');
}
