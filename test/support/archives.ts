// Archives made byte by byte, for tests: a good tool refuses to make most of what a hostile one may hold.
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';

export interface TarEntry {
  readonly name: string | Buffer;
  readonly content?: string | Buffer;
  /** Type flag; '0' (regular file) unless given. */
  readonly type?: string;
  readonly mode?: number;
  readonly link?: string;
  /** Instead of the content's. */
  readonly size?: number;
  readonly prefix?: string;
  /** Added to the right checksum. */
  readonly wrongBy?: number;
}

export function tarEntry(entry: TarEntry): Buffer {
  const content = Buffer.from(entry.content ?? '');
  const header = Buffer.alloc(512);
  const put = (value: string | Buffer, offset: number, size: number) =>
    Buffer.from(value).copy(header, offset, 0, size);
  const octal = (value: number, size: number) => `${value.toString(8).padStart(size - 1, '0')}\0`;
  put(entry.name, 0, 100);
  put(octal(entry.mode ?? 0o644, 8), 100, 8);
  put(octal(0, 8), 108, 8);
  put(octal(0, 8), 116, 8);
  put(octal(entry.size ?? content.length, 12), 124, 12);
  put(octal(0, 12), 136, 12);
  put(' '.repeat(8), 148, 8);
  put(entry.type ?? '0', 156, 1);
  put(entry.link ?? '', 157, 100);
  put('ustar\u000000', 257, 8);
  put(entry.prefix ?? '', 345, 155);
  const sum = header.reduce((all, byte) => all + byte, 0) + (entry.wrongBy ?? 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

/** An extended header; values may be anything. */
export function paxHeader(records: Readonly<Record<string, string>>, type: 'x' | 'g' = 'x'): Buffer {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = Buffer.byteLength(` ${key}=${value}\n`);
    let length = rest + 1;
    while (rest + String(length).length !== length) length += 1;
    return `${length} ${key}=${value}\n`;
  });
  return tarEntry({ name: 'PaxHeader/x', type, content: lines.join('') });
}

export function gnuLongName(name: string): Buffer {
  return tarEntry({ name: '././@LongLink', type: 'L', content: `${name}\0` });
}

export const TAR_END = Buffer.alloc(1024);

/** A tar.gz of entries and of pieces made otherwise, with its end. */
export function tarGz(parts: readonly (TarEntry | Buffer)[], end: Buffer = TAR_END): Buffer {
  return gzipSync(Buffer.concat([...parts.map((part) => (Buffer.isBuffer(part) ? part : tarEntry(part))), end]));
}

export interface ZipEntry {
  readonly name: string | Buffer;
  readonly content?: string | Buffer;
  /** With its type, as in `stat`; 0o100644 unless given, 0 for none. */
  readonly mode?: number;
  readonly method?: number;
  readonly flags?: number;
  /** In the header in front of the data. */
  readonly localName?: string;
  readonly extra?: Buffer;
  /** Size and checksum follow the data instead of preceding it. */
  readonly descriptor?: boolean;
  /** What the directory says instead of the truth. */
  readonly says?: { readonly size?: number; readonly crc?: number; readonly offset?: number };
}

/** A zip archive. `count`: what its end says instead of the truth. */
export function zip(entries: readonly ZipEntry[], count = entries.length): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { local, central } = zipEntry(entry, offset);
    parts.push(local);
    directory.push(central);
    offset += local.length;
  }
  const end = Buffer.alloc(22);
  const size = directory.reduce((all, each) => all + each.length, 0);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

function zipEntry(entry: ZipEntry, offset: number): { local: Buffer; central: Buffer } {
  const { method = 8, mode = 0o100644, extra = Buffer.alloc(0), says = {} } = entry;
  const content = Buffer.from(entry.content ?? '');
  const data = method === 8 ? deflateRawSync(content) : content;
  const name = Buffer.from(entry.name);
  const localName = Buffer.from(entry.localName ?? entry.name);
  const flags = (entry.flags ?? 0x800) | (entry.descriptor === true ? 8 : 0);
  const crc = says.crc ?? crc32(content);
  const size = says.size ?? content.length;
  const known = entry.descriptor === true ? [0, 0, 0] : [crc, data.length, size];
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(20, 4);
  local.writeUInt16LE(flags, 6);
  local.writeUInt16LE(method, 8);
  for (const [index, value] of known.entries()) local.writeUInt32LE(value, 14 + 4 * index);
  local.writeUInt16LE(localName.length, 26);
  const descriptor = Buffer.alloc(entry.descriptor === true ? 16 : 0);
  if (descriptor.length > 0) {
    for (const [index, value] of [0x08074b50, crc, data.length, size].entries())
      descriptor.writeUInt32LE(value, 4 * index);
  }
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE((3 << 8) | 20, 4);
  central.writeUInt16LE(20, 6);
  central.writeUInt16LE(flags, 8);
  central.writeUInt16LE(method, 10);
  for (const [index, value] of [crc, data.length, size].entries()) central.writeUInt32LE(value, 16 + 4 * index);
  central.writeUInt16LE(name.length, 28);
  central.writeUInt16LE(extra.length, 30);
  central.writeUInt32LE((mode << 16) >>> 0, 38);
  central.writeUInt32LE(says.offset ?? offset, 42);
  return {
    local: Buffer.concat([local, localName, data, descriptor]),
    central: Buffer.concat([central, name, extra]),
  };
}
