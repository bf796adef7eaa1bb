import type { FastifyReply } from 'fastify';
import { repeatedWarnings } from './repeated-fields.js';

/** All Warning headers of an answer together, with the commas between them. */
const WARNINGS_MAX_CHARS = 4096;
/** Room for the one that tells how many have none. */
const MORE_CHARS = 40;

/** Says what the answer warns of, one Warning header per text, each text once, after what the body repeats. */
export function writeWarnings(reply: FastifyReply, warnings: readonly string[]): void {
  const texts = [...new Set([...repeatedWarnings(reply.request), ...warnings])];
  const headers: string[] = [];
  let length = 0;
  for (const [index, text] of texts.entries()) {
    const header = headerOf(text);
    length += header.length + 2;
    if (length > WARNINGS_MAX_CHARS - MORE_CHARS) {
      headers.push(headerOf(`and ${texts.length - index} more warnings`));
      break;
    }
    headers.push(header);
  }
  if (headers.length > 0) reply.header('warning', headers);
}

/** Header values are Latin-1 without control characters. */
function headerOf(text: string): string {
  const plain = text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&');
  return `299 - "${plain}"`;
}
