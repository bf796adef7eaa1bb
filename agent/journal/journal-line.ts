// One line of the journal: `<crc32, 8 hex digits> <batch> <JSON>\n`. The checksum covers batch and JSON. Lines written by
// one fsync share a batch number; recovery needs it to tell a torn tail from damage (see recover.ts).
import { crc32 } from 'node:zlib';

const CRC_DIGITS = 8;

export interface JournalLine {
  readonly batch: number;
  readonly value: unknown;
}

export function encodeLine(batch: number, value: unknown): string {
  const body = `${batch} ${JSON.stringify(value)}`;
  return `${checksum(body)} ${body}\n`;
}

/** `text` without its newline; undefined when it is not a whole, undamaged line. */
export function decodeLine(text: string): JournalLine | undefined {
  const body = text.slice(CRC_DIGITS + 1);
  if (text[CRC_DIGITS] !== ' ' || text.slice(0, CRC_DIGITS) !== checksum(body)) return undefined;
  const space = body.indexOf(' ');
  // The checksum holds, so this is what encodeLine wrote: a failure to parse would be a defect and may throw.
  return { batch: Number(body.slice(0, space)), value: JSON.parse(body.slice(space + 1)) };
}

function checksum(body: string): string {
  return crc32(body).toString(16).padStart(CRC_DIGITS, '0');
}
