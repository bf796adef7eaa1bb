// The built console: a folder of files that are read once and answered from memory. They hold no data, so nobody is asked
// for a token; what they show comes through the API.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

export interface ConsoleFile {
  readonly type: string;
  /** Named after its contents: it never changes. */
  readonly immutable: boolean;
  readonly etag: string;
  readonly bytes: Buffer;
  /** The same, compressed; absent for what is not worth it. */
  readonly gzip?: Buffer;
  readonly brotli?: Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};

/** What the build names after its contents. */
const HASHED = 'assets/';

export class ConsoleFiles {
  private readonly directory: string;
  private loading: Promise<ReadonlyMap<string, ConsoleFile>> | undefined;

  constructor(directory: string) {
    this.directory = directory;
  }

  /**
   * The file at a path below the console, without a leading slash. What is no file is a page of the console, and these are all
   * in index.html; undefined for a file that is not there, and where no console was built.
   */
  async find(path: string): Promise<ConsoleFile | undefined> {
    this.loading ??= readAll(this.directory);
    const files = await this.loading;
    const page = !path.startsWith(HASHED) && TYPES[extname(path)] === undefined;
    return files.get(path) ?? (page ? files.get('index.html') : undefined);
  }
}

async function readAll(directory: string): Promise<ReadonlyMap<string, ConsoleFile>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const known = new Set(paths);
  const read = async (path: string): Promise<[string, ConsoleFile][]> => {
    const type = TYPES[extname(path)];
    if (type === undefined) return [];
    const name = path.slice(join(directory, sep).length).split(sep).join('/');
    const compressed = async (ending: string) => (known.has(path + ending) ? await readFile(path + ending) : undefined);
    const [bytes, gzip, brotli] = await Promise.all([readFile(path), compressed('.gz'), compressed('.br')]);
    const etag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 20)}"`;
    const forms = { ...(gzip === undefined ? {} : { gzip }), ...(brotli === undefined ? {} : { brotli }) };
    return [[name, { type, immutable: name.startsWith(HASHED), etag, bytes, ...forms }]];
  };
  return new Map((await Promise.all(paths.map(read))).flat());
}
