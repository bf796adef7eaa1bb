import type { FastifyReply } from 'fastify';

/** All Warning headers of an answer together; what does not fit is dropped. */
const WARNINGS_MAX_CHARS = 4096;

/** Adds one Warning header per text, each text once. */
export function writeWarnings(reply: FastifyReply, warnings: readonly string[]): void {
  const headers: string[] = [];
  let length = 0;
  for (const text of new Set(warnings)) {
    // Header values are Latin-1 without control characters.
    const plain = text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&');
    const header = `299 - "${plain}"`;
    length += header.length;
    if (length > WARNINGS_MAX_CHARS) break;
    headers.push(header);
  }
  if (headers.length > 0) reply.header('warning', headers);
}
