// The bytes of a package, on their way into the store: in pieces, so that an upload that was cut goes on where it ended.
import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { CloudTaskError, formatBytes } from '../../../base/index.js';
import { notFound, PACKAGE_SLICE_BYTES, type PackageBlob, type PackageFormat } from '../../store/index.js';
import { bad, integer, parametersOf, queryOf } from '../request-options.js';
import type { ApiContext } from '../route.js';

/** Far above what agents unpack, and small enough that an offset is nothing special. */
export const PACKAGE_MAX_BYTES = 2 * 1024 * 1024 * 1024;
/** Each holds two slices of memory. */
const UPLOADS_MAX = 16;
/** Of the first bytes, so many say what a file is. */
const MAGIC_BYTES = 4;

export interface UploadReply {
  readonly digest: string;
  /** Bytes that are stored. */
  readonly bytes: number;
  /** All of them are there, and have the digest. */
  readonly complete: boolean;
  readonly format?: PackageFormat;
}

export class Uploads {
  private readonly context: ApiContext;
  private running = 0;

  constructor(context: ApiContext) {
    this.context = context;
  }

  /** How much is there. */
  async find(request: FastifyRequest): Promise<UploadReply> {
    const digest = await this.digestOf(request);
    // What somebody is about to go on with, or to refer to, must not go meanwhile.
    await this.context.store.packages.hold([digest]);
    const blob = await this.context.store.packages.find(digest);
    return blob ?? { digest, bytes: 0, complete: false };
  }

  /** Takes the bytes from `offset` on; when there are `size` of them in all, they are verified. */
  async put(request: FastifyRequest): Promise<UploadReply> {
    const digest = await this.digestOf(request);
    const query = queryOf(request);
    const offset = integer(query, 'offset', 0, PACKAGE_MAX_BYTES) ?? 0;
    const size = integer(query, 'size', 1, Number.MAX_SAFE_INTEGER);
    if (size === undefined) throw bad('size', 'the size of the whole file in bytes is required');
    if (size > PACKAGE_MAX_BYTES) {
      const detail = `a package may have ${formatBytes(PACKAGE_MAX_BYTES)}, this one has ${formatBytes(size)}`;
      throw new CloudTaskError('CT_TOO_LARGE', detail);
    }
    const { body } = request;
    if (!(body instanceof Readable)) {
      throw new CloudTaskError('CT_UNSUPPORTED_MEDIA_TYPE', 'the body must be application/octet-stream');
    }
    if (this.running >= UPLOADS_MAX) throw new CloudTaskError('CT_TOO_MANY_REQUESTS', 'too many uploads at once');
    this.running++;
    try {
      return await this.store(digest, body, offset, size);
    } finally {
      this.running--;
    }
  }

  private async store(digest: string, body: Readable, offset: number, size: number): Promise<UploadReply> {
    const { packages } = this.context.store;
    const found = await packages.find(digest);
    if (found?.complete) return found;
    let blob: PackageBlob | undefined = found;
    let at = offset;
    for await (const slice of slicesOf(body)) {
      if (at + slice.length > size) throw bad('size', `it says ${size}, and there are more bytes`);
      const format = at === 0 ? formatOf(slice) : undefined;
      const { length } = slice;
      blob = await packages.append(digest, at, format, slice);
      at += length;
    }
    if (blob === undefined) throw new CloudTaskError('CT_BAD_REQUEST', 'the body is empty');
    return blob.bytes === size ? packages.complete(digest) : blob;
  }

  private async digestOf(request: FastifyRequest): Promise<string> {
    const { namespace = '', hex = '' } = parametersOf(request);
    const key = { kind: 'Namespace', namespace: '', name: namespace } as const;
    if ((await this.context.store.get(key)) === undefined) throw notFound(key);
    return digestOfHex(hex);
  }
}

/** Throws CT_BAD_REQUEST. */
export function digestOfHex(hex: string): string {
  if (!/^[0-9a-f]{64}$/.test(hex)) throw bad('hex', `"${hex.slice(0, 80)}" is not a SHA-256: 64 digits 0-9, a-f`);
  return `sha256:${hex}`;
}

/** What comes, gathered in slices that belong to whoever gets them. Its sender waits while a slice is being stored. */
async function* slicesOf(body: Readable): AsyncGenerator<Uint8Array> {
  let slice = new Uint8Array(PACKAGE_SLICE_BYTES);
  let used = 0;
  for await (const chunk of body) {
    for (let rest = chunk as Uint8Array; rest.length > 0; ) {
      const part = rest.subarray(0, slice.length - used);
      slice.set(part, used);
      used += part.length;
      rest = rest.subarray(part.length);
      if (used < slice.length) continue;
      yield slice;
      slice = new Uint8Array(PACKAGE_SLICE_BYTES);
      used = 0;
    }
  }
  if (used > 0) yield slice.slice(0, used);
}

/** By its first bytes; agents look at the rest when they unpack it. Throws CT_BAD_REQUEST. */
function formatOf(bytes: Uint8Array): PackageFormat {
  const [a, b, c, d] = bytes.subarray(0, MAGIC_BYTES);
  if (a === 0x1f && b === 0x8b) return 'TarGz';
  if (a === 0x50 && b === 0x4b && c === 0x03 && d === 0x04) return 'Zip';
  throw new CloudTaskError('CT_BAD_REQUEST', {
    detail: 'a package is a .tar.gz or a .zip file with something in it; these bytes begin otherwise',
    hint: 'ctask create package NAME --from DIRECTORY packs a directory',
  });
}
