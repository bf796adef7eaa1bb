// What the arguments of the many overloads of node:fs mean.
export type Data = string | Uint8Array;
export type Encoding = BufferEncoding | null;
export type ReadOptions = Encoding | { readonly encoding?: Encoding; readonly flag?: string };
export type WriteOptions = Encoding | { readonly encoding?: Encoding; readonly mode?: number; readonly flag?: string };

export const NEW_FILE_MODE = 0o666;
export const NEW_DIRECTORY_MODE = 0o777;

/** Of write(): the bytes, and the position if one is given. */
export function toWrite(
  data: Data,
  from?: number | null,
  lengthOrEncoding?: number | string | null,
  position?: number | null,
): [Uint8Array, number | undefined] {
  if (typeof data === 'string') return [Buffer.from(data, lengthOrEncoding as BufferEncoding), placeOf(from)];
  const offset = from ?? 0;
  const length = typeof lengthOrEncoding === 'number' ? lengthOrEncoding : data.byteLength - offset;
  requireRange(data, offset, length);
  return [data.subarray(offset, offset + length), placeOf(position)];
}

/** Anything but a position means "where the last read or write ended". */
export function placeOf(position: number | null | undefined): number | undefined {
  return typeof position === 'number' && position >= 0 ? position : undefined;
}

/** Throws Node's ERR_OUT_OF_RANGE. */
export function requireRange(bytes: Uint8Array, offset: number, length: number): void {
  if (offset >= 0 && length >= 0 && offset + length <= bytes.byteLength) return;
  const error = new RangeError(`The range ${offset}+${length} is not within ${bytes.byteLength} bytes`);
  throw Object.assign(error, { code: 'ERR_OUT_OF_RANGE' });
}

export function bytesOf(data: Data, options?: WriteOptions): Uint8Array {
  return typeof data === 'string' ? Buffer.from(data, encodingOf(options) ?? 'utf8') : data;
}

export function encodingOf(options: ReadOptions | WriteOptions | undefined): BufferEncoding | undefined {
  return (typeof options === 'object' ? options?.encoding : options) ?? undefined;
}
