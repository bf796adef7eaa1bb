// The bytes of a package, on their way out: slice by slice, the next one read when the last one has gone.
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CloudTaskError } from '../../../base/index.js';
import type { PackageStore } from '../../store/index.js';

/** Answers with the file as it was uploaded, or with the rest of it that a Range asks for. Throws CT_NOT_FOUND. */
export async function answerContent(
  packages: PackageStore,
  digest: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const blob = await packages.find(digest);
  if (blob?.complete !== true) {
    throw new CloudTaskError('CT_NOT_FOUND', {
      subject: digest,
      detail: 'the center does not have these bytes',
      hint: 'upload the package again',
    });
  }
  reply.header('etag', `"${digest}"`).header('accept-ranges', 'bytes').header('x-package-format', blob.format);
  const range = rangeOf(request, digest, blob.bytes);
  if (range === 'unsatisfiable') {
    reply.header('content-range', `bytes */${blob.bytes}`);
    throw new CloudTaskError('CT_RANGE', `the file has ${blob.bytes} bytes`);
  }
  const { first, last } = range ?? { first: 0, last: blob.bytes - 1 };
  if (range !== undefined) reply.code(206).header('content-range', `bytes ${first}-${last}/${blob.bytes}`);
  reply.header('content-type', 'application/octet-stream').header('content-length', String(last - first + 1));
  // A stream keeps the length that was said; whatever else is sent for HEAD says its own.
  if (request.method === 'HEAD') return reply.send(Readable.from([]));
  return reply.send(Readable.from(bytesOf(packages, digest, first, last + 1), { objectMode: false }));
}

/** A file that is gone in the middle breaks the connection: a reader never takes the beginning for the whole. */
async function* bytesOf(packages: PackageStore, digest: string, from: number, to: number): AsyncGenerator<Uint8Array> {
  for (let at = from; at < to; ) {
    const slice = await packages.read(digest, at);
    if (slice.length === 0) throw new CloudTaskError('CT_STORE', { subject: digest, detail: 'bytes are missing' });
    yield slice.subarray(0, to - at);
    at += slice.length;
  }
}

/** The one range that was asked for; undefined for the whole, also when ranges are asked for in a way that we need not know. */
function rangeOf(
  { headers }: FastifyRequest,
  digest: string,
  bytes: number,
): { first: number; last: number } | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(headers.range ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const condition = headers['if-range'];
  if (condition !== undefined && condition !== `"${digest}"`) return undefined;
  const [, from = '', to = ''] = match;
  if (from === '') return to === '0' ? 'unsatisfiable' : { first: Math.max(0, bytes - Number(to)), last: bytes - 1 };
  const first = Number(from);
  const last = to === '' ? bytes - 1 : Math.min(Number(to), bytes - 1);
  if (to !== '' && Number(to) < first) return undefined;
  return first >= bytes ? 'unsatisfiable' : { first, last };
}
